/** What a lock is for, by the functions that wait for it: facts of the names alone. */
import { functionName, isApplication, shortFrame } from './frames.ts'

/** Where a thread that waits for a lock that the C library keeps for itself is: glibc's and musl's. No agent sees these. */
const INSIDE_LIBC = /^(__lll_lock_wait_private|__lock) \(/
/** glibc, musl, jemalloc, tcmalloc, mimalloc, the operators of C++, Rust's allocator. */
const ALLOCATORS = [
  /^_*(libc_|GI_+|libc_GI_+)*(malloc|calloc|realloc|reallocarray|free|cfree|memalign|aligned_alloc|posix_memalign|valloc)$/,
  /^(_int_(malloc|free|realloc|memalign)|malloc_consolidate|arena_get\w*|sysmalloc|systrim|malloc_trim|mtrim|tcache_\w+)$/,
  /^operator (new|delete)\b/,
  /^(je|jemalloc|tc|mi|rallocx|mallocx|sdallocx)_?\w*alloc\w*$|^je_|^tc_(new|delete|free)|^_?mi_(free|heap)/,
  /^__(rust|rdl|rg)_\w*alloc\w*$|\bGlobalAlloc>::\w+$|\balloc::alloc::/,
]
/** stdio and Rust's standard streams lock themselves for each line. */
const STREAMS =
  /^(_IO_)?(fwrite|fputs|puts|fputc|putc|putchar|v?f?printf|fflush|perror)(_unlocked)?$|\bstdio::(Stdout|Stderr|_print|_eprint|print_to)/
/** The usual words, as a word of a function's, type's or file's name: `Logger::info`, `log_line`, `spdlog::sinks::…`, `log.cpp`. */
const LOG_WORD =
  /(^|[^a-zA-Z])(log|logs|logger|logging|spdlog|glog|slog|log4\w+|tracing_subscriber|syslog|vsyslog|appender)(?![a-z])|(^|[a-z_:])(Log|Logger|Logging|Appender)(?![a-z])/
/** Of a stack: the place that waits is near its top. */
const LOOKED_AT = 12
/** Of the application's frames the innermost: further up everything may be called from a logger, or log. */
const NEAR = 3

/** Whether a stack waits for a lock inside the C library. */
export function isInsideLibc(stack: readonly string[]): boolean {
  return stack.slice(0, LOOKED_AT).some((frame) => INSIDE_LIBC.test(frame))
}

/** Whether a stack is in the memory allocator, on behalf of the program. */
export function isInAllocator(stack: readonly string[]): boolean {
  for (const frame of stack.slice(0, LOOKED_AT)) {
    if (ALLOCATORS.some((pattern) => pattern.test(functionName(frame)))) return true
    if (isApplication(frame) && !frame.includes('std::')) return false
  }
  return false
}

/** Whether a stack writes to a stream that locks itself. */
export function isInStream(stack: readonly string[]): boolean {
  return stack.slice(0, LOOKED_AT).some((frame) => STREAMS.test(functionName(frame)))
}

/** Whether a stack writes a log, or to a stream. */
export function isInLog(stack: readonly string[]): boolean {
  const near = stack.slice(0, LOOKED_AT).filter(isApplication).slice(0, NEAR)
  return isInStream(stack) || near.some((frame) => LOG_WORD.test(named(frame)))
}

/** Function and source file: the module's name, which stands there without sources, is that of the whole program. */
function named(frame: string): string {
  return /:\d+\)$/.test(frame) ? shortFrame(frame) : functionName(frame)
}
