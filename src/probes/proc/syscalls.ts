/** `name x64 arm64` of each call that a thread may be seen in; `-` where the architecture has none (asm/unistd.h). */
const TABLE = `
read 0 63, write 1 64, open 2 -, openat 257 56, openat2 437 437, close 3 57, readv 19 65, writev 20 66, pread64 17 67,
pwrite64 18 68, preadv 295 69, pwritev 296 70, preadv2 327 286, pwritev2 328 287, stat 4 -, fstat 5 80, lstat 6 -,
newfstatat 262 79, statx 332 291, lseek 8 62, getdents 78 -, getdents64 217 61, access 21 -, faccessat 269 48,
rename 82 -, renameat 264 38, renameat2 316 276, unlink 87 -, unlinkat 263 35, mkdir 83 -, mkdirat 258 34, rmdir 84 -,
truncate 76 45, ftruncate 77 46, fallocate 285 47, fsync 74 82, fdatasync 75 83, syncfs 306 267, sync 162 81,
sync_file_range 277 84, sendfile 40 71, splice 275 76, tee 276 77, copy_file_range 326 285, flock 73 32, fcntl 72 25,
ioctl 16 29, poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72, epoll_wait 232 -, epoll_pwait 281 22,
epoll_pwait2 441 441, io_uring_enter 426 426, io_getevents 208 4, io_pgetevents 333 292, connect 42 203, accept 43 202,
accept4 288 242, sendto 44 206, recvfrom 45 207, sendmsg 46 211, recvmsg 47 212, sendmmsg 307 269, recvmmsg 299 243,
shutdown 48 210, futex 202 98, futex_waitv 449 449, futex_wait 455 455, nanosleep 35 101, clock_nanosleep 230 115,
pause 34 -, rt_sigtimedwait 128 137, rt_sigsuspend 130 133, restart_syscall 219 128, sched_yield 24 124, wait4 61 260,
waitid 247 95, clone 56 220, clone3 435 435, fork 57 -, vfork 58 -, execve 59 221, exit 60 93, exit_group 231 94,
mmap 9 222, munmap 11 215, mprotect 10 226, mremap 25 216, madvise 28 233, brk 12 214, msync 26 227, membarrier 324 283,
semop 65 193, semtimedop 220 192, msgsnd 69 189, msgrcv 70 188, mq_timedsend 242 182, mq_timedreceive 243 183,
getrandom 318 278`

const COLUMNS: Partial<Record<string, number>> = { x64: 1, arm64: 2 }

/** The name of a system call by its number on this machine, `syscall 123` where the table has none. */
export function syscallName(number: number, arch: string = process.arch): string {
  return namesFor(arch).get(number) ?? `syscall ${number}`
}

const cache = new Map<string, ReadonlyMap<number, string>>()

function namesFor(arch: string): ReadonlyMap<number, string> {
  const known = cache.get(arch)
  if (known) return known
  const column = COLUMNS[arch]
  const names = new Map<number, string>()
  for (const entry of column === undefined ? [] : TABLE.split(',')) {
    const words = entry.trim().split(' ')
    const number = words[column ?? 0]
    if (number !== '-') names.set(Number(number), words[0] ?? '')
  }
  cache.set(arch, names)
  return names
}
