/*
 * Futexes by syscall(), as Rust's std and parking_lot use them. What a wait is for follows from its operation and the
 * expected value, never from how often it comes:
 *   std Mutex waits for the word to leave 2. Readers of std's RwLock wait for a word that has one of its two upper bits;
 *   a writer waits for the counter after it, while the word has the upper one (library/std/src/sys/sync/{mutex,rwlock}/
 *   futex.rs). thread::park expects all bits, and so may a reader: one who waits where such a reader has waited before
 *   is one, too. Condvar expects its counter, which may happen to be 2: an address that was waited on with another small
 *   value is taken for a counter.
 *   FUTEX_WAIT is others' (parking_lot, InnoDB, GLib, std::atomic of C++), whose values are their own: only the stack tells what for.
 */
#include <linux/futex.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "agent.h"

#define COUNTERS 4096u
#define READERS 256u
enum { RUST_LOCKED = 2, WAITERS_BITS = 0xc0000000u, WRITERS_WAIT = 0x80000000u, PARKED = 0xffffffffu };

static long direct(long number, ...) {
  va_list list;
  va_start(list, number);
  long a = va_arg(list, long), b = va_arg(list, long), c = va_arg(list, long);
  long d = va_arg(list, long), e = va_arg(list, long), f = va_arg(list, long);
  va_end(list);
  long result = system_call(number, a, b, c, d, e, f);
  if (result >= 0 || result < -4095) return result;
  errno = (int)-result;
  return -1;
}

REAL_OR(syscall, direct)

/* Addresses that held a counter, and places in the code where readers wait: by hash; of those that share an entry the latest. */
static uint64_t counters[COUNTERS], readers[READERS];

static uint64_t *entry_of(uint64_t *entries, uint64_t count, uint64_t key) {
  return &entries[((key * 0x9e3779b97f4a7c15ull) >> 48) % count];
}

/* The caller of the function that makes the call. */
static uint64_t place(void) {
  struct table *table = recording();
  uint64_t frames[2] = {0, 0};
  return table && capture(table, frames, 2) == 2 ? frames[1] : 0;
}

/* The word before it is a read-write lock's that writers wait for. Over the beginning of a page nothing need be mapped. */
static int is_writers_counter(uint64_t address) {
  if (address % 4096 < 4) return 0;
  uint32_t word = LOAD(((const uint32_t *)(uintptr_t)address)[-1]);
  return word & WRITERS_WAIT && word & ~WAITERS_BITS;
}

/* What is waited for; `lock` becomes the lock's address. */
static uint32_t kind_of(uint64_t address, long operation, uint32_t expected, uint64_t *lock) {
  *lock = address;
  if ((operation & FUTEX_CMD_MASK) == FUTEX_WAIT) return KIND_PARK;
  if (expected == PARKED || expected & WAITERS_BITS) {
    uint64_t at = place(), *reader = entry_of(readers, READERS, at);
    if (expected == PARKED) return at && LOAD(*reader) == at ? KIND_FUTEX_LOCK : KIND_FUTEX_IDLE;
    STORE(*reader, at);
    return KIND_FUTEX_LOCK;
  }
  if (is_writers_counter(address)) {
    *lock = address - 4;
    return KIND_FUTEX_LOCK;
  }
  uint64_t *counter = entry_of(counters, COUNTERS, address);
  if (expected == RUST_LOCKED && LOAD(*counter) != address) return KIND_FUTEX_LOCK;
  if (expected != RUST_LOCKED) STORE(*counter, address);
  return KIND_FUTEX_IDLE;
}

EXPORT long syscall(long number, ...) {
  va_list list;
  va_start(list, number);
  long a = va_arg(list, long), b = va_arg(list, long), c = va_arg(list, long);
  long d = va_arg(list, long), e = va_arg(list, long), f = va_arg(list, long);
  va_end(list);
  long command = b & FUTEX_CMD_MASK;
  if (number == SYS_seccomp || (number == SYS_prctl && a == PR_SET_SECCOMP)) before_sandbox();
  if (number != SYS_futex || (command != FUTEX_WAIT && command != FUTEX_WAIT_BITSET && command != FUTEX_WAKE))
    return get_syscall()(number, a, b, c, d, e, f);
  if (command == FUTEX_WAKE) {
    struct table *table = recording();
    long woken = get_syscall()(number, a, b, c, d, e, f);
    int error = errno;
    if (table && woken > 0) {
      ADD(site_here(table, KIND_UNLOCK, (uint64_t)a)->count, 1);
      note_alive(now());
    }
    errno = error;
    return woken;
  }
  struct wait wait;
  uint64_t lock;
  uint32_t kind = kind_of((uint64_t)a, b, (uint32_t)c, &lock);
  /* A worker of a runtime such as Tokio that parks is not busy with its turn. */
  if (kind == KIND_FUTEX_IDLE || kind == KIND_PARK) pause_turn();
  begin_wait(&wait, kind, lock);
  long result = get_syscall()(number, a, b, c, d, e, f);
  int error = errno;
  end_wait(&wait);
  if (kind == KIND_FUTEX_IDLE || kind == KIND_PARK) resume_turn();
  errno = error;
  return result;
}
