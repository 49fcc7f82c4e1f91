import { hasCapability } from '../../targets/capabilities.ts'
import { isCommand } from '../../targets/commands.ts'
import { kernelSetting } from '../../targets/kernel-settings.ts'

/** Whether py-spy is there and may look into processes: it is no ancestor of them, as Yama asks of who is not root. */
export function canSpyOnPython(): boolean {
  return (
    isCommand('py-spy') && (hasCapability('CAP_SYS_PTRACE') || !kernelSetting('/proc/sys/kernel/yama/ptrace_scope'))
  )
}
