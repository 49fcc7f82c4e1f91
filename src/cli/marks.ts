/** Marks in the timeline, each by a SIGUSR2 to holdup. */
export function watchMarks(mark: (label: string) => void): { stop(): void } {
  const onSignal = () => mark('SIGUSR2')
  process.on('SIGUSR2', onSignal)
  return { stop: () => void process.off('SIGUSR2', onSignal) }
}
