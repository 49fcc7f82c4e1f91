/*
 * Semaphores. One guards something or announces work, and its use tells: a lock is given back by the thread that had got it, and nobody
 * waits for a lock that he has. Of one between processes that says nothing: others post it, where we don't see it.
 */
#include <pthread.h>
#include <semaphore.h>

#include "agent.h"

REAL(sem_trywait)
REAL(sem_wait)
REAL(sem_timedwait)
REAL(sem_clockwait)
REAL(sem_post)

/* `since` 0: got at once, and nobody looked at the clock. */
static void got(const sem_t *semaphore, uint64_t since) {
  struct got *slot = &self.got[self.got_next++ % GOT];
  slot->semaphore = (uint64_t)semaphore;
  slot->since = since;
}

/* Where this thread noted that it got it; NULL where it did not. */
static struct got *noted(const sem_t *semaphore) {
  for (uint32_t i = 0; i < GOT; i++)
    if (self.got[i].semaphore == (uint64_t)semaphore) return &self.got[i];
  return NULL;
}

/* By the word after the counters: glibc has the futex's flag for others there, musl the one for its own process. */
static int is_shared(const sem_t *semaphore) {
  uint32_t word = ((const uint32_t *)semaphore)[2];
  return libc_is_glibc ? word != 0 : word == 0;
}

/* A use that no lock sees. */
static void note_announcement(struct table *table, const sem_t *semaphore, uint64_t caller) {
  if (!is_shared(semaphore)) ADD(site_of(table, KIND_POST, (uint64_t)semaphore, &caller, 1)->count, 1);
}

/*
 * sem_trywait says EAGAIN by errno, which a successful wait leaves alone. A wait for a semaphore is where a thread can be
 * cancelled even if it need not wait; sem_trywait isn't.
 */
static int taken_at_once(sem_t *semaphore) {
  pthread_testcancel();
  int error = errno;
  if (get_sem_trywait()(semaphore) == 0) {
    got(semaphore, 0);
    return 1;
  }
  errno = error;
  return 0;
}

/* A thread that is cancelled in `call` leaves its interest behind: posts are then noted that need not be. */
#define WAITING_FOR_SEMAPHORE(semaphore, call) \
  if (taken_at_once(semaphore)) return 0; \
  struct wait wait; \
  ADD(*interest_in(semaphore), 1); \
  begin_wait(&wait, KIND_SEMAPHORE, (uint64_t)(semaphore)); \
  if (wait.table && noted(semaphore)) note_announcement(wait.table, semaphore, (uint64_t)__builtin_return_address(0)); \
  int result = call; \
  end_wait(&wait); \
  ADD(*interest_in(semaphore), -1u); \
  if (result == 0) got(semaphore, wait.table ? wait.since : 0); \
  return result;

EXPORT int sem_trywait(sem_t *semaphore) {
  int result = get_sem_trywait()(semaphore);
  if (result == 0) got(semaphore, 0);
  return result;
}

EXPORT int sem_wait(sem_t *semaphore) {
  WAITING_FOR_SEMAPHORE(semaphore, get_sem_wait()(semaphore))
}

EXPORT int sem_timedwait(sem_t *semaphore, const struct timespec *until) {
  WAITING_FOR_SEMAPHORE(semaphore, get_sem_timedwait()(semaphore, until))
}

EXPORT int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *until) {
  if (!get_sem_clockwait()) return errno = ENOSYS, -1;
  WAITING_FOR_SEMAPHORE(semaphore, get_sem_clockwait()(semaphore, clock, until))
}

/*
 * Posted first: what we note does not lengthen the time others wait. A signal handler may post: for one that announces
 * something no stack is taken.
 */
static __attribute__((noinline, cold)) int post_awaited(sem_t *semaphore, const struct got *had, uint64_t caller) {
  struct table *table = recording();
  uint64_t time = table ? now() : 0, since = had ? had->since : 0;
  int result = get_sem_post()(semaphore);
  if (!table || result != 0) return result;
  int error = errno;
  if (had) {
    struct site *site = site_here(table, KIND_UNLOCK, (uint64_t)semaphore);
    if (since) {
      count_at(site, time - since);
      ADD(site->ended, 1);
    } else {
      ADD(site->count, 1);
    }
  } else {
    note_announcement(table, semaphore, caller);
  }
  note_alive(time);
  errno = error;
  return result;
}

EXPORT int sem_post(sem_t *semaphore) {
  struct got *had = noted(semaphore), copy;
  if (had) {
    copy = *had;
    had->semaphore = 0;
  }
  if (UNLIKELY(LOAD(*interest_in(semaphore))))
    return post_awaited(semaphore, had ? &copy : NULL, (uint64_t)__builtin_return_address(0));
  return get_sem_post()(semaphore);
}
