/*
 * pthread mutexes and read-write locks. Each is first tried: what can be had at once costs no more than that. What can't
 * goes to the real function, whose answer is the answer, so each kind of mutex behaves as it does without us.
 */
#include <pthread.h>
#include <threads.h>

#include "agent.h"

REAL_HOT(pthread_mutex_lock, (pthread_mutex_t *mutex), (mutex))
REAL_HOT(pthread_mutex_trylock, (pthread_mutex_t *mutex), (mutex))
REAL(pthread_mutexattr_setpshared)
REAL(pthread_mutex_timedlock)
REAL(pthread_mutex_clocklock)
REAL_HOT(pthread_mutex_unlock, (pthread_mutex_t *mutex), (mutex))
REAL_OR_GLIBC(pthread_rwlock_tryrdlock)
REAL_OR_GLIBC(pthread_rwlock_trywrlock)
REAL_OR_GLIBC(pthread_rwlock_rdlock)
REAL_OR_GLIBC(pthread_rwlock_wrlock)
REAL(pthread_rwlock_timedrdlock)
REAL(pthread_rwlock_timedwrlock)
REAL(pthread_rwlock_clockrdlock)
REAL(pthread_rwlock_clockwrlock)
/* C11's, which libc makes of its own functions, not of those that can be hooked. */
REAL(mtx_lock)
REAL(mtx_trylock)
REAL(mtx_timedlock)
REAL(mtx_unlock)

/*
 * Whether others wait, by the lock word: glibc's is 2 then, or has the futex's waiters bit (PI and robust mutexes);
 * musl's comes after the type and has the sign bit.
 */
static int others_wait(const void *mutex) {
  uint32_t word = LOAD(((const uint32_t *)mutex)[libc_is_glibc ? 0 : 1]);
  return word >> 31 || (word == 2 && libc_is_glibc);
}

uint32_t of_interest[INTERESTS];

/* A thread knows since when it holds the last mutex that it got after a wait. */
static void begin_hold(const void *mutex, uint64_t since) {
  if (self.held) ADD(*interest_in((const void *)self.held), -1u);
  self.held = (uint64_t)mutex;
  self.held_since = since;
}

void forget_held(const void *mutex) {
  if (!mutex || self.held != (uint64_t)mutex) return;
  self.held = 0;
  ADD(*interest_in(mutex), -1u);
}

/* `lock` is a call that may wait. */
#define WAITING(kind, address, lock) \
  struct wait wait; \
  begin_wait(&wait, kind, (uint64_t)(address)); \
  int result = lock; \
  end_wait(&wait); \
  return result;
#define WAITING_FOR_MUTEX(mutex, lock) \
  struct wait wait; \
  ADD(*interest_in(mutex), 1); \
  begin_wait(&wait, KIND_MUTEX, (uint64_t)(mutex)); \
  int result = lock; \
  end_wait(&wait); \
  if (wait.table && result == 0) begin_hold(mutex, wait.since); \
  else ADD(*interest_in(mutex), -1u); \
  return result;

/* Not every libc has each of them; a program may ask by dlsym and find our name. */
#define AFTER_TRYING(try, busy, waiting) \
  int tried = try; \
  if (__builtin_expect(tried != busy, 1)) return tried; \
  waiting

/* Apart, so that what need not wait saves no registers for it. */
static __attribute__((noinline, cold)) int lock_taken(pthread_mutex_t *mutex) {
  WAITING_FOR_MUTEX(mutex, real_pthread_mutex_lock(mutex))
}

/*
 * What a mutex is first tried by. In a process of one thread that is the lock itself, for which libc has a short cut there:
 * nobody else can have it, as long as there is none that other processes share.
 */
static int (*take)(pthread_mutex_t *mutex) = first_pthread_mutex_trylock;
static int others_lock;

/* Constructors of libraries that come before ours may have made threads. */
void have_one_thread(void) {
  STORE(take, LOAD(others_lock) ? real_pthread_mutex_trylock : real_pthread_mutex_lock);
}

void have_threads(void) {
  if (!LOAD(others_lock)) STORE(others_lock, 1);
  if (LOAD(take) != real_pthread_mutex_trylock) STORE(take, real_pthread_mutex_trylock);
}

EXPORT int pthread_mutexattr_setpshared(pthread_mutexattr_t *attributes, int shared) {
  if (shared == PTHREAD_PROCESS_SHARED) have_threads();
  return get_pthread_mutexattr_setpshared()(attributes, shared);
}

EXPORT int pthread_mutex_lock(pthread_mutex_t *mutex) {
  int tried = LOAD(take)(mutex);
  return __builtin_expect(tried != EBUSY, 1) ? tried : lock_taken(mutex);
}

EXPORT int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *until) {
  AFTER_TRYING(real_pthread_mutex_trylock(mutex), EBUSY,
               WAITING_FOR_MUTEX(mutex, get_pthread_mutex_timedlock()(mutex, until)))
}

EXPORT int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until) {
  if (!get_pthread_mutex_clocklock()) return ENOSYS;
  AFTER_TRYING(real_pthread_mutex_trylock(mutex), EBUSY,
               WAITING_FOR_MUTEX(mutex, get_pthread_mutex_clocklock()(mutex, clock, until)))
}

EXPORT int mtx_lock(mtx_t *mutex) {
  if (!get_mtx_lock()) return thrd_error;
  AFTER_TRYING(get_mtx_trylock()(mutex), thrd_busy, WAITING_FOR_MUTEX(mutex, get_mtx_lock()(mutex)))
}

EXPORT int mtx_timedlock(mtx_t *mutex, const struct timespec *until) {
  if (!get_mtx_timedlock()) return thrd_error;
  AFTER_TRYING(get_mtx_trylock()(mutex), thrd_busy, WAITING_FOR_MUTEX(mutex, get_mtx_timedlock()(mutex, until)))
}

EXPORT int pthread_rwlock_rdlock(pthread_rwlock_t *lock) {
  AFTER_TRYING(get_pthread_rwlock_tryrdlock()(lock), EBUSY,
               WAITING(KIND_READ, lock, get_pthread_rwlock_rdlock()(lock)))
}

EXPORT int pthread_rwlock_wrlock(pthread_rwlock_t *lock) {
  AFTER_TRYING(get_pthread_rwlock_trywrlock()(lock), EBUSY,
               WAITING(KIND_WRITE, lock, get_pthread_rwlock_wrlock()(lock)))
}

EXPORT int pthread_rwlock_timedrdlock(pthread_rwlock_t *lock, const struct timespec *until) {
  AFTER_TRYING(get_pthread_rwlock_tryrdlock()(lock), EBUSY,
               WAITING(KIND_READ, lock, get_pthread_rwlock_timedrdlock()(lock, until)))
}

EXPORT int pthread_rwlock_timedwrlock(pthread_rwlock_t *lock, const struct timespec *until) {
  AFTER_TRYING(get_pthread_rwlock_trywrlock()(lock), EBUSY,
               WAITING(KIND_WRITE, lock, get_pthread_rwlock_timedwrlock()(lock, until)))
}

EXPORT int pthread_rwlock_clockrdlock(pthread_rwlock_t *lock, clockid_t clock, const struct timespec *until) {
  if (!get_pthread_rwlock_clockrdlock()) return ENOSYS;
  AFTER_TRYING(get_pthread_rwlock_tryrdlock()(lock), EBUSY,
               WAITING(KIND_READ, lock, get_pthread_rwlock_clockrdlock()(lock, clock, until)))
}

EXPORT int pthread_rwlock_clockwrlock(pthread_rwlock_t *lock, clockid_t clock, const struct timespec *until) {
  if (!get_pthread_rwlock_clockwrlock()) return ENOSYS;
  AFTER_TRYING(get_pthread_rwlock_trywrlock()(lock), EBUSY,
               WAITING(KIND_WRITE, lock, get_pthread_rwlock_clockwrlock()(lock, clock, until)))
}

/* Given back first: what we note does not lengthen the time others wait. The mutex may be gone by then, its address is not. */
static __attribute__((noinline, cold)) int unlock_of_interest(void *mutex, int (*unlock)(void *mutex)) {
  struct table *table = others_wait(mutex) ? recording() : NULL;
  uint64_t since = self.held == (uint64_t)mutex ? self.held_since : 0, time = table ? now() : 0;
  forget_held(mutex);
  int result = unlock(mutex);
  if (!table || result != 0) return result;
  int error = errno;
  struct site *site = site_here(table, KIND_UNLOCK, (uint64_t)mutex);
  if (since) {
    count_at(site, time - since);
    ADD(site->ended, 1);
  } else {
    ADD(site->count, 1);
  }
  note_alive(time);
  errno = error;
  return result;
}

EXPORT int pthread_mutex_unlock(pthread_mutex_t *mutex) {
  if (UNLIKELY(LOAD(*interest_in(mutex)))) return unlock_of_interest(mutex, (int (*)(void *))real_pthread_mutex_unlock);
  return real_pthread_mutex_unlock(mutex);
}

/* A mtx_t is a pthread_mutex_t, in both libcs. */
EXPORT int mtx_unlock(mtx_t *mutex) {
  if (!get_mtx_unlock()) return thrd_error;
  if (UNLIKELY(LOAD(*interest_in(mutex)))) return unlock_of_interest(mutex, (int (*)(void *))get_mtx_unlock());
  return get_mtx_unlock()(mutex);
}
