import { basename } from 'node:path'
import type { RunningProcess } from './running-processes.ts'

const SHELL = /^-?(?:ba|da|z|fi|k|mk|a|c|tc)?sh$/
/** Programs that run another one, pass on its terminal or its port, or keep it running. */
const STARTERS = new Set(
  (
    'busybox sudo su doas runuser env nohup nice ionice timeout time watch script setsid setpriv unshare nsenter chroot ' +
    'stdbuf taskset numactl chrt prlimit tini dumb-init catatonit docker-init s6-supervise runsv supervise systemd init ' +
    'launchd screen tmux sshd login docker podman kubectl containerd-shim containerd-shim-runc-v2 conmon docker-proxy ' +
    'rootlessport make xargs parallel'
  ).split(' '),
)
/** Programs in JavaScript that run another one: npm names itself `npm start`. */
const SCRIPT_STARTER =
  /^(?:.*\/)?(?:np[mx](?:-cli)?|p?np[mx]|yarn|corepack|nodemon|tsx|ts-node-dev|concurrently|cross-env|env-cmd|dotenv|turbo|lerna)(?:\.[cm]?js)?$|\/tsx\/dist\/cli\.[cm]js$/
const OWN_SCRIPT = /\/holdup\/dist\/(?:cli\/main|targets\/inject\/injector)\.js$/
const NODE = /^node(?:js)?$/i
/** Options of Node whose value is the next word. */
const TAKES_VALUE = /^(?:-r|--require|--import|--loader|--experimental-loader|-C|--conditions|--env-file)$/

/**
 * Whether it only starts what is worth looking at: a shell, sudo, npm, a process supervisor … What users name when they
 * name a service is what it started.
 */
export function isStarter({ argv, comm }: RunningProcess): boolean {
  const program = programOf(argv, comm)
  if (SHELL.test(program) || STARTERS.has(program) || SCRIPT_STARTER.test(program)) return true
  if (!NODE.test(program)) return false
  const script = scriptOf(argv)
  return (
    SCRIPT_STARTER.test(argv[script] ?? '') || argv.slice(1, script).some((word) => /^--watch(?:$|[-=])/.test(word))
  )
}

/** Whether it is holdup, this one or another. */
export function isHoldup({ argv, comm }: RunningProcess): boolean {
  const program = programOf(argv, comm)
  const script = NODE.test(program) ? (argv[scriptOf(argv)] ?? '') : program
  return basename(script) === 'holdup' || OWN_SCRIPT.test(script) || script === process.argv[1]
}

/** The name of the program, of one that renamed itself the first word. */
function programOf(argv: readonly string[], comm: string): string {
  return basename(argv[0]?.split(' ', 1)[0] ?? comm)
}

/** Where in Node's command line the script stands. */
function scriptOf(argv: readonly string[]): number {
  let at = 1
  while (at < argv.length && argv[at]?.startsWith('-')) at += TAKES_VALUE.test(argv[at] ?? '') ? 2 : 1
  return at
}
