/* What every wait has in common, and the waits for work: condition variables and joins. */
#include <pthread.h>
#include <threads.h>

#include "agent.h"

static const uint8_t CLASS_OF[KINDS] = {
    [KIND_MUTEX] = SPENT_LOCK,       [KIND_READ] = SPENT_LOCK,
    [KIND_WRITE] = SPENT_LOCK,       [KIND_SEMAPHORE] = SPENT_UNCLASSIFIED,
    [KIND_FUTEX_LOCK] = SPENT_LOCK,  [KIND_CONDITION] = SPENT_IDLE,
    [KIND_JOIN] = SPENT_JOIN,        [KIND_FUTEX_IDLE] = SPENT_IDLE,
    [KIND_PARK] = SPENT_UNCLASSIFIED, [KIND_POLL] = SPENT_POLL,
};

#define IDLE_DEPTH 8

/*
 * Before the thread blocks: its stack is taken while it would wait anyway, and a wait that never ends is seen. Those of
 * idle kinds are told apart by their caller alone, for they are many; behind a futex stands who called its wrapper.
 */
void begin_wait(struct wait *wait, uint32_t kind, uint64_t address) {
  struct table *table = wait->table = recording();
  if (!table) return;
  int error = errno;
  wait->since = now();
  wait->kind = kind;
  if (kind == KIND_CONDITION || kind == KIND_FUTEX_IDLE || kind == KIND_JOIN) {
    uint64_t callers[IDLE_DEPTH];
    uint32_t depth = capture(table, callers, kind == KIND_FUTEX_IDLE ? IDLE_DEPTH : 1);
    wait->site = site_of(table, kind, 0, callers, depth);
  } else {
    wait->site = kind == KIND_POLL ? &table->sites[KIND_POLL] : site_here(table, kind, address);
  }
  struct thread *slot = own_slot(table);
  if (slot) {
    wait->outer_since = LOAD(slot->wait_since);
    wait->outer_kind = LOAD(slot->wait_kind);
    wait->outer_site = LOAD(slot->wait_site);
    STORE(slot->wait_kind, kind);
    STORE(slot->wait_site, (uint32_t)(wait->site - table->sites));
    __atomic_store_n(&slot->wait_since, wait->since, __ATOMIC_RELEASE);
  }
  errno = error;
}

void end_wait(struct wait *wait) {
  if (!wait->table) return;
  uint64_t time = now(), nanos = time - wait->since;
  /* A fork during the wait: it was the parent's. */
  struct thread *slot = self.of == wait->table ? self.slot : NULL;
  if (slot) {
    STORE(slot->wait_kind, wait->outer_kind);
    STORE(slot->wait_site, wait->outer_site);
    __atomic_store_n(&slot->wait_since, wait->outer_since, __ATOMIC_RELEASE);
    STORE(slot->alive_at, time);
    BUMP(slot->spent[CLASS_OF[wait->kind]], nanos);
  }
  count_at(wait->site, nanos);
  wait->since = time;
}

REAL(pthread_cond_wait)
REAL(pthread_cond_timedwait)
REAL(pthread_cond_clockwait)
REAL(cnd_wait)
REAL(cnd_timedwait)
REAL(pthread_join)
REAL(thrd_join)
REAL(pthread_timedjoin_np)

EXPORT int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
  struct wait wait;
  forget_held(mutex);
  begin_wait(&wait, KIND_CONDITION, 0);
  int result = get_pthread_cond_wait()(condition, mutex);
  end_wait(&wait);
  return result;
}

EXPORT int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until) {
  struct wait wait;
  forget_held(mutex);
  begin_wait(&wait, KIND_CONDITION, 0);
  int result = get_pthread_cond_timedwait()(condition, mutex, until);
  end_wait(&wait);
  return result;
}

EXPORT int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
                                  const struct timespec *until) {
  if (!get_pthread_cond_clockwait()) return ENOSYS;
  struct wait wait;
  forget_held(mutex);
  begin_wait(&wait, KIND_CONDITION, 0);
  int result = get_pthread_cond_clockwait()(condition, mutex, clock, until);
  end_wait(&wait);
  return result;
}

EXPORT int cnd_wait(cnd_t *condition, mtx_t *mutex) {
  if (!get_cnd_wait()) return thrd_error;
  struct wait wait;
  forget_held(mutex);
  begin_wait(&wait, KIND_CONDITION, 0);
  int result = get_cnd_wait()(condition, mutex);
  end_wait(&wait);
  return result;
}

EXPORT int cnd_timedwait(cnd_t *condition, mtx_t *mutex, const struct timespec *until) {
  if (!get_cnd_timedwait()) return thrd_error;
  struct wait wait;
  forget_held(mutex);
  begin_wait(&wait, KIND_CONDITION, 0);
  int result = get_cnd_timedwait()(condition, mutex, until);
  end_wait(&wait);
  return result;
}

EXPORT int thrd_join(thrd_t thread, int *value) {
  if (!get_thrd_join()) return thrd_error;
  struct wait wait;
  begin_wait(&wait, KIND_JOIN, 0);
  int result = get_thrd_join()(thread, value);
  end_wait(&wait);
  return result;
}

EXPORT int pthread_join(pthread_t thread, void **value) {
  struct wait wait;
  begin_wait(&wait, KIND_JOIN, 0);
  int result = get_pthread_join()(thread, value);
  end_wait(&wait);
  return result;
}

EXPORT int pthread_timedjoin_np(pthread_t thread, void **value, const struct timespec *until) {
  struct wait wait;
  begin_wait(&wait, KIND_JOIN, 0);
  int result = get_pthread_timedjoin_np()(thread, value, until);
  end_wait(&wait);
  return result;
}
