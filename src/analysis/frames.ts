/** The agent's own file: its wrappers stand in the target's stacks. */
const AGENT = /\/agents\/node\/agent\.cjs[:)]/
const NODE_INTERNAL = /\((node:|native)/
/** The C and C++ libraries, Rust's std and its usual lock crates, by module, by where their sources lay, and by name. */
const NATIVE_RUNTIME = [
  // holdup's own agent, whose wrapper a thread starts in.
  /\((x64|arm64)(-musl)?\.so\)$/,
  /\((lib(c|m|dl|rt|pthread|stdc\+\+|gcc_s)|ld)([-.][^()]*)?\)$/,
  /\(\.{1,2}\/(\.\.\/)*(csu|elf|io|malloc|misc|nptl|posix|socket|stdlib|sysdeps|time)\/|\/include\/(.*\/)?c\+\+\/\d/,
  /\/library\/(std|core|alloc)\/src\/|\/(parking_lot|parking_lot_core|lock_api)-\d/,
  /^<?(std|core|alloc|__gnu_cxx|lock_api|parking_lot|parking_lot_core)::/,
  /^(_start|_?_?libc_start\w*|start_thread|_*clone3?|_*pthread_\w+|_*futex_\w+|__lll_\w+|syscall)( \(|$)/,
]
/** Python's own library, but not what pip has put below it. */
const PYTHON_LIBRARY = /[/\\]lib(?:64)?[/\\]python3[\d.]*t?[/\\](?!(site|dist)-packages[/\\])|\(<frozen /
/** The libraries of Java and Go, but for Go's `log`, which says what a lock is for. */
const MANAGED_RUNTIME = [
  /^(java|javax|jdk|sun|com\.sun)\.[\w$.]+\.[\w$<>]+ \(/,
  /^(bufio|context|crypto|encoding|internal|io|net|os|reflect|runtime|sync|syscall|time)[./][^ ]* .*\.go(:\d+)?\)$/,
]

/** Of C++ and Rust: `lock<()>`, `thread<start()::<lambda()> >`; not the `<T as Trait>::run` that a name begins with. */
const TYPE_ARGUMENTS = /(?<=[\w})\]])(::)?\s?<[^<>]*>/g

/** `search (index.mjs:88)` of `search<Query> (/srv/app/index.mjs:88:12)`: without type arguments, by file name and line. */
export function shortFrame(frame: string): string {
  const match = /^(.*) \((?:.*[\\/])?([^\\/()]+?)(:\d+)?(?::\d+)?\)$/.exec(frame)
  return match ? `${withoutTypeArguments(match[1] ?? '')} (${match[2]}${match[3] ?? ''})` : frame
}

/** Innermost first, as they nest. */
function withoutTypeArguments(name: string): string {
  const shorter = name.replace(TYPE_ARGUMENTS, '')
  return shorter === name ? name : withoutTypeArguments(shorter)
}

/** Code of the target or of what it depends on, as opposed to the runtime's. */
export function isApplication(frame: string): boolean {
  if (!frame.includes(' (') || NODE_INTERNAL.test(frame) || AGENT.test(frame)) return false
  return ![...MANAGED_RUNTIME, ...NATIVE_RUNTIME, PYTHON_LIBRARY].some((pattern) => pattern.test(frame))
}

/** How a thread sleeps in the kernel until a lock is given to it. */
const SLEEPS = /^(_*futex_\w+|__lll_lock_wait\w*|syscall)( \(|$)/

/** Of who waits for a lock the stack from its taker on: where it stands once it has the lock. */
export function fromTaker(stack: string[]): string[] {
  return SLEEPS.test(stack[0] ?? '') ? stack.slice(Math.max(0, stack.findIndex(isApplication))) : stack
}

/** A frame of holdup's agent; `wait (…agent.cjs…)` is the target's own Atomics.wait seen through its wrapper. */
function isAgent(frame: string): boolean {
  return AGENT.test(frame)
}

/** The function's name, without its place. */
export function functionName(frame: string): string {
  return frame.split(' (')[0] ?? frame
}

/** A synchronous call of Node: it returns only when the kernel or a child is done. */
export function isSyncCall(frame: string): boolean {
  return frame === ATOMICS_WAIT || (/\(node:/.test(frame) && functionName(frame).endsWith('Sync'))
}

/** How a blocking Atomics.wait is shown. */
export const ATOMICS_WAIT = 'Atomics.wait'

/** How the agent's own work is shown. */
export const AGENT_FRAME = '(holdup agent)'

/**
 * What stands for a frame in a stack: the agent's wrapper around Atomics.wait for the call itself, its other frames for
 * holdup's own cost; null where the frame above says so already.
 */
export function shownFrame(frame: string, above: string | undefined): string | null {
  if (!isAgent(frame)) return frame
  if (functionName(frame) === 'wait') return ATOMICS_WAIT
  return above === AGENT_FRAME || above === ATOMICS_WAIT ? null : AGENT_FRAME
}
