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
/** Where glibc and musl make a thread, end it, and keep its stack for the next. */
const THREAD_BIRTHS =
  /^_*(GI_+)?(pthread_create(_\w+)?|allocate_stack|get_cached_stack|nptl_(deallocate_stack|free_tcb|free_stacks|stack_\w+)|pthread_exit|do_exit)$/
/** stdio and Rust's standard streams lock themselves for each line. */
const STREAMS =
  /^(_IO_)?(fwrite|fputs|puts|fputc|putc|putchar|v?f?printf|fflush|perror)(_unlocked)?$|\bstdio::(Stdout|Stderr|_print|_eprint|print_to)/
/** Java's streams, and the appenders of its usual loggers, which write under a lock of their own. */
const JAVA_STREAMS =
  /^(java\.io\.PrintStream|java\.util\.logging\.(Stream|File|Console)Handler|ch\.qos\.logback\.core\.(OutputStreamAppender|AppenderBase)|org\.apache\.log4j\.(Category|AppenderSkeleton)|org\.apache\.logging\.log4j\.core\.appender\.\w*OutputStream\w*|org\.apache\.logging\.log4j\.core\.appender\.rolling\.\w+)\./
/** The usual words, as a word of a function's, type's or file's name: `Logger::info`, `log_line`, `spdlog::sinks::…`, `log.cpp`. */
const LOG_WORD =
  /(^|[^a-zA-Z])(log|logs|logger|logging|spdlog|glog|slog|log4\w+|tracing_subscriber|syslog|vsyslog|appender)(?![a-z])|(^|[a-z_:])(Log|Logger|Logging|Appender)(?![a-z])/
/** A cache, as a word of a function's, type's or file's name, and a function that reads it: `Cache::get`, `lru_find`, `lookupCached`. */
const CACHE_WORD =
  /(^|[^a-zA-Z])(cache[ds]?|lru|lfu|memo(ized?)?)(?![a-z])|(^|[^A-Z])(Cache[ds]?|L[Rr][Uu]|L[Ff][Uu]|Memo(ized?)?)(?![a-z])/
const READ_WORD =
  /(^|[^a-zA-Z])([Gg]et|[Ff]ind|[Ll]ookup|look_up|[Ff]etch|[Rr]ead|[Pp]eek|[Hh]it|at)(?![a-z])|[a-z](Get|Find|Lookup|Fetch|Read|Peek|Hit)(?![a-z])/
/** A program's own wrapper of a lock: `timed_lock`, `absl::MutexLock::MutexLock`, `Mutex.acquire`; no `BlockCache`. */
const LOCK_WORD = /(^|[^a-zA-Z])(lock|mutex|guard|acquire)(?![a-z])|(Lock|Mutex|Guard)(?![a-z])/
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

/** Whether a stack is in libc's making or ending of a thread. */
export function isInThreadBirth(stack: readonly string[]): boolean {
  return isInsideLibc(stack) && stack.slice(0, LOOKED_AT).some((frame) => THREAD_BIRTHS.test(functionName(frame)))
}

/** Whether a stack writes to a stream that locks itself. */
export function isInStream(stack: readonly string[]): boolean {
  return stack.slice(0, LOOKED_AT).some((frame) => STREAMS.test(functionName(frame)) || JAVA_STREAMS.test(frame))
}

/** Whether a stack writes a log, or to a stream. */
export function isInLog(stack: readonly string[]): boolean {
  const near = stack.slice(0, LOOKED_AT).filter(isApplication).slice(0, NEAR)
  return isInStream(stack) || near.some((frame) => LOG_WORD.test(named(frame)))
}

/** Whether a function is a program's own wrapper of a lock, by its name. */
export function isLockWrapper(frame: string): boolean {
  return LOCK_WORD.test(functionName(shortFrame(frame)))
}

/** Whether a stack reads a cache: in the application's function that waits, or that calls its lock's wrapper. */
export function isInCacheRead(stack: readonly string[]): boolean {
  const first = stack.slice(0, LOOKED_AT).find((frame) => isApplication(frame) && !isLockWrapper(frame))
  return first !== undefined && CACHE_WORD.test(named(first)) && READ_WORD.test(functionName(first))
}

/** Function and source file: the module's name, which stands there without sources, is that of the whole program. */
function named(frame: string): string {
  return /:\d+\)$/.test(frame) ? shortFrame(frame) : functionName(frame)
}
