import { THRESHOLD_MS } from '../../probes/jvm/settings.ts'
import type { Check } from './check.ts'
import type { Machine } from './machine.ts'

/** What runtimes tell of themselves: it hangs on the target, and on whose it is. */
export function runtimeChecks({ proc, uid, rights }: Machine): Check[] {
  if (!proc) return []
  const whose = rights.CAP_SYS_PTRACE && rights.CAP_KILL ? 'of any user' : `of uid ${uid}`
  return [
    {
      what: 'JVM',
      state: 'ok',
      means: `waits for Java locks of ${THRESHOLD_MS} ms and more, threads and pauses of JVMs ${whose} from Java 11 on, by JFR: needs no jcmd, costs a walk of the stack for each wait`,
    },
    {
      what: 'Go',
      state: 'ok',
      means:
        'what goroutines wait for, sampled, of programs that serve /debug/pprof (import _ "net/http/pprof"): at most 1 % of their time',
    },
  ]
}
