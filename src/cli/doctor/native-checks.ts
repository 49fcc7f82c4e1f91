import type { Check } from './check.ts'
import type { Machine } from './machine.ts'

/** What is needed to see a native target from inside. */
export function nativeChecks({ platform, nativeAgentBuilt }: Machine): Check[] {
  const what = 'native agent'
  if (platform !== 'linux') return []
  if (nativeAgentBuilt)
    return [{ what, state: 'ok', means: 'lock waits and threads, counted, of native programs that holdup launches' }]
  return [
    {
      what,
      state: 'missing',
      means: `it is not built for ${process.arch}: lock waits and threads of native programs are sampled from outside only`,
      command: 'sudo apt-get install gcc && npm run build',
      but: 'it only samples native programs, from outside',
    },
  ]
}
