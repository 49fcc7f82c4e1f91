/* Event loops of any runtime: the time from the return of a poll to the next one is a turn. */
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "agent.h"

#define LONG_TURN 10000000u
enum { BY_EPOLL = 1, BY_POLL = 2 };

REAL(epoll_wait)
REAL(epoll_pwait)
REAL(epoll_pwait2)
REAL_OR_GLIBC(poll)
REAL(ppoll)
REAL(select)
REAL(pselect)
/* What poll and ppoll become where the program is compiled with _FORTIFY_SOURCE. */
extern int __poll_chk(struct pollfd *files, nfds_t count, int timeout, size_t bytes);
extern int __ppoll_chk(struct pollfd *files, nfds_t count, const struct timespec *timeout, const sigset_t *mask,
                       size_t bytes);
REAL(__poll_chk)
REAL(__ppoll_chk)

static struct loop *claim(struct table *table) {
  struct header *header = &table->header;
  uint64_t tid = LOAD(self.slot->tid);
  for (uint64_t i = 0; i < LOOPS; i++) {
    if (i >= LOAD(header->loops_used)) {
      uint64_t used = i;
      if (!usable(table, &table->loops[i])) break;
      __atomic_compare_exchange_n(&header->loops_used, &used, i + 1, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    }
    uint64_t nobody = 0;
    if (__atomic_compare_exchange_n(&table->loops[i].tid, &nobody, tid, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
      STORE(table->loops[i].turn_since, 0);
      return &table->loops[i];
    }
  }
  self.no_loop = 1;
  ADD(header->lost_loops, 1);
  return NULL;
}

static void note_long_turn(struct table *table, const struct loop *loop, uint64_t time, uint64_t nanos) {
  uint64_t at = ADD(table->header.turns_used, 1);
  struct turn *turn = &table->turns[at % TURNS];
  if (!usable(table, turn)) return;
  STORE(turn->tid, LOAD(loop->tid));
  STORE(turn->nanos, nanos);
  __atomic_store_n(&turn->ended_at, time, __ATOMIC_RELEASE);
}

static void end_turn(struct table *table, struct loop *loop, uint64_t time) {
  uint64_t since = LOAD(loop->turn_since);
  if (!since) return;
  uint64_t nanos = time - since;
  STORE(loop->turn_since, 0);
  BUMP(loop->turns, 1);
  BUMP(loop->nanos, nanos);
  BUMP(loop->buckets[bucket_of(nanos)], 1);
  if (nanos > LOAD(loop->longest)) STORE(loop->longest, nanos);
  if (nanos < LONG_TURN) return;
  BUMP(loop->over_10ms, 1);
  note_long_turn(table, loop, time, nanos);
}

void begin_poll(struct wait *wait, uint32_t poll) {
  begin_wait(wait, KIND_POLL, 0);
  struct table *table = wait->table;
  if (!table || !self.slot) return;
  if (!self.loop && (self.no_loop || !(self.loop = claim(table)))) return;
  STORE(self.loop->poll, poll);
  end_turn(table, self.loop, wait->since);
}

void end_poll(struct wait *wait) {
  int error = errno;
  end_wait(wait);
  if (wait->table && self.of == wait->table && self.loop) STORE(self.loop->turn_since, wait->since);
  errno = error;
}

void pause_turn(void) {
  if (!self.loop || recording() != self.of) return;
  end_turn(self.of, self.loop, now());
}

void resume_turn(void) {
  if (self.loop && recording() == self.of) STORE(self.loop->turn_since, now());
}

#define POLLED(by, call) \
  struct wait wait; \
  begin_poll(&wait, by); \
  int result = call; \
  end_poll(&wait); \
  return result;

EXPORT int epoll_wait(int epoll, struct epoll_event *events, int most, int timeout) {
  POLLED(BY_EPOLL, get_epoll_wait()(epoll, events, most, timeout))
}

EXPORT int epoll_pwait(int epoll, struct epoll_event *events, int most, int timeout, const sigset_t *mask) {
  POLLED(BY_EPOLL, get_epoll_pwait()(epoll, events, most, timeout, mask))
}

EXPORT int epoll_pwait2(int epoll, struct epoll_event *events, int most, const struct timespec *timeout,
                        const sigset_t *mask) {
  if (!get_epoll_pwait2()) return errno = ENOSYS, -1;
  POLLED(BY_EPOLL, get_epoll_pwait2()(epoll, events, most, timeout, mask))
}

EXPORT int poll(struct pollfd *files, nfds_t count, int timeout) {
  POLLED(BY_POLL, get_poll()(files, count, timeout))
}

EXPORT int ppoll(struct pollfd *files, nfds_t count, const struct timespec *timeout, const sigset_t *mask) {
  POLLED(BY_POLL, get_ppoll()(files, count, timeout, mask))
}

EXPORT int __poll_chk(struct pollfd *files, nfds_t count, int timeout, size_t bytes) {
  POLLED(BY_POLL, get___poll_chk()(files, count, timeout, bytes))
}

EXPORT int __ppoll_chk(struct pollfd *files, nfds_t count, const struct timespec *timeout, const sigset_t *mask,
                       size_t bytes) {
  POLLED(BY_POLL, get___ppoll_chk()(files, count, timeout, mask, bytes))
}

EXPORT int select(int most, fd_set *in, fd_set *out, fd_set *except, struct timeval *timeout) {
  POLLED(BY_POLL, get_select()(most, in, out, except, timeout))
}

EXPORT int pselect(int most, fd_set *in, fd_set *out, fd_set *except, const struct timespec *timeout,
                   const sigset_t *mask) {
  POLLED(BY_POLL, get_pselect()(most, in, out, except, timeout, mask))
}
