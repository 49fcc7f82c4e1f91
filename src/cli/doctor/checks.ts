import { attachChecks } from './attach-checks.ts'
import type { Check } from './check.ts'
import type { Machine } from './machine.ts'
import { nativeChecks } from './native-checks.ts'
import { pythonChecks } from './python-checks.ts'
import { nodeChecks } from './node-checks.ts'
import { procChecks } from './proc-checks.ts'
import { roomChecks } from './room-checks.ts'
import { runtimeChecks } from './runtime-checks.ts'
import { tierChecks } from './tier-checks.ts'

/** Every requirement of a probe or a report, in the order in which they matter. */
export function checksOf(machine: Machine): Check[] {
  return [
    nodeChecks,
    nativeChecks,
    procChecks,
    attachChecks,
    tierChecks,
    runtimeChecks,
    roomChecks,
    pythonChecks,
  ].flatMap((group) => group(machine))
}
