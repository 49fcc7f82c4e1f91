import { watchKeys } from './keys.ts'

const KEY = 'm'

/** Marks in the timeline: each SIGUSR2 to holdup, and each press of `m` where the terminal is holdup's own. */
export function watchMarks(mark: (label: string) => void, ownsTerminal: boolean): { stop(): void; key: string | null } {
  const onSignal = () => mark('SIGUSR2')
  process.off('SIGUSR2', ignore).on('SIGUSR2', ignore).on('SIGUSR2', onSignal)
  const keys = ownsTerminal ? watchKeys((key) => key === KEY && mark(`key ${KEY}`)) : null
  return {
    key: keys && KEY,
    stop() {
      process.off('SIGUSR2', onSignal)
      keys?.stop()
    },
  }
}

/** For as long as holdup runs: while it makes the report it would die of a mark that comes late. */
const ignore = () => {}
