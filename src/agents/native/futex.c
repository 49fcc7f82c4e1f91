/*
 * Futexes by syscall(), as Rust's std and parking_lot use them. What a wait is for follows from its operation and the
 * expected value, never from how often it comes:
 *   std Mutex waits for the word to leave 2; std RwLock's word has one of its two upper bits while somebody waits
 *   (library/std/src/sys/sync/{mutex,rwlock}/futex.rs); thread::park expects all bits; Condvar expects its counter, which
 *   may happen to be 2: an address that was waited on with another small value is taken for a counter.
 *   parking_lot's parker is a word of each thread's own that is 1 while it sleeps: only the stack tells what for.
 */
#include <linux/futex.h>
#include <stdarg.h>
#include <unistd.h>

#include "agent.h"

#define COUNTERS 4096u
enum { RUST_LOCKED = 2, WAITERS_BITS = 0xc0000000u, PARKED = 0xffffffffu };

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

/* Addresses that held a counter, by hash; of those that share an entry the latest. */
static uint64_t counters[COUNTERS];

static uint64_t *counter_entry(uint64_t address) {
  return &counters[((address * 0x9e3779b97f4a7c15ull) >> 52) % COUNTERS];
}

static uint32_t kind_of(uint64_t address, long operation, uint32_t expected) {
  uint64_t *counter = counter_entry(address);
  if ((operation & FUTEX_CMD_MASK) == FUTEX_WAIT) return expected == 1 ? KIND_PARK : KIND_FUTEX_IDLE;
  if (expected == PARKED) return KIND_FUTEX_IDLE;
  if (expected & WAITERS_BITS) return KIND_FUTEX_LOCK;
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
  if (number != SYS_futex || (command != FUTEX_WAIT && command != FUTEX_WAIT_BITSET && command != FUTEX_WAKE))
    return get_syscall()(number, a, b, c, d, e, f);
  if (command == FUTEX_WAKE) {
    struct table *table = recording();
    long woken = get_syscall()(number, a, b, c, d, e, f);
    int error = errno;
    if (table && woken > 0) ADD(site_here(table, KIND_UNLOCK, (uint64_t)a)->count, 1);
    errno = error;
    return woken;
  }
  struct wait wait;
  uint32_t kind = kind_of((uint64_t)a, b, (uint32_t)c);
  /* A worker of a runtime such as Tokio that parks is not busy with its turn. */
  if (kind == KIND_FUTEX_IDLE || kind == KIND_PARK) pause_turn();
  begin_wait(&wait, kind, (uint64_t)a);
  long result = get_syscall()(number, a, b, c, d, e, f);
  int error = errno;
  end_wait(&wait);
  if (kind == KIND_FUTEX_IDLE || kind == KIND_PARK) resume_turn();
  errno = error;
  return result;
}
