/* Threads: a slot of the table for each, its creation and its end. */
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <threads.h>
#include <time.h>

#include "agent.h"

/* Destructors of the target's own keys may still wait: ours goes last, in the last round that POSIX grants. */
#define ROUNDS 3

REAL(pthread_create)
REAL(thrd_create)
REAL(timer_create)
REAL(dlclose)

static pthread_key_t at_exit;

/* The list of free slots: its head carries a tag that changes with each push, so that a stale head is noticed. */
static uint64_t take_slot(struct table *table) {
  struct header *header = &table->header;
  uint64_t head = __atomic_load_n(&header->free_thread, __ATOMIC_ACQUIRE);
  while ((uint32_t)head) {
    uint64_t next = LOAD(table->threads[(uint32_t)head - 1].next_free);
    if (__atomic_compare_exchange_n(&header->free_thread, &head, (head >> 32 << 32) | next, 0, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
      return (uint32_t)head;
  }
  if (LOAD(header->threads_used) >= THREADS) return 0;
  uint64_t at = ADD(header->threads_used, 1);
  if (at >= THREADS) STORE(header->threads_used, THREADS);
  return at < THREADS && usable(table, &table->threads[at]) ? at + 1 : 0;
}

static void give_slot(struct table *table, struct thread *slot) {
  uint64_t index = (uint64_t)(slot - table->threads) + 1;
  uint64_t head = LOAD(table->header.free_thread);
  do STORE(slot->next_free, (uint32_t)head);
  while (!__atomic_compare_exchange_n(&table->header.free_thread, &head, ((head >> 32) + 1) << 32 | index, 0,
                                      __ATOMIC_RELEASE, __ATOMIC_RELAXED));
}

static struct thread *new_slot(struct table *table, uint64_t spawned_at) {
  uint64_t index = take_slot(table);
  if (!index) {
    ADD(table->header.lost_threads, 1);
    return NULL;
  }
  struct thread *slot = &table->threads[index - 1];
  slot->wait_since = slot->wait_kind = slot->wait_site = slot->alive_at = 0;
  for (int i = 0; i < SPENT_CLASSES; i++) slot->spent[i] = 0;
  slot->born = now();
  slot->spawned_at = spawned_at;
  return slot;
}

static void adopt(struct table *table, struct thread *slot) {
  self.of = table;
  self.slot = slot;
  self.loop = NULL;
  self.no_loop = 0;
  if (slot) __atomic_store_n(&slot->tid, own_tid(), __ATOMIC_RELEASE);
  pthread_setspecific(at_exit, (void *)ROUNDS);
}

struct thread *own_slot(struct table *table) {
  if (__builtin_expect(self.of == table, 1)) return self.slot;
  if (self.gone) return NULL;
  adopt(table, new_slot(table, 0));
  return self.slot;
}

static void on_exit_of_thread(void *rounds) {
  if ((uintptr_t)rounds > 1) {
    pthread_setspecific(at_exit, (void *)((uintptr_t)rounds - 1));
    return;
  }
  struct table *table = self.of;
  struct thread *slot = self.slot;
  self.gone = 1;
  self.slot = NULL;
  struct loop *loop = self.loop;
  self.loop = NULL;
  /* The child of a fork that made no table of its own. */
  if (!slot || recording() != table) return;
  if (loop) __atomic_store_n(&loop->tid, 0, __ATOMIC_RELEASE);
  uint64_t lifetime = now() - slot->born;
  for (int i = 0; i < SPENT_CLASSES; i++) ADD(table->header.spent_by_exited[i], LOAD(slot->spent[i]));
  if (slot->spawned_at) {
    struct site *site = &table->sites[slot->spawned_at];
    ADD(site->ended, 1);
    ADD(site->nanos, lifetime);
    ADD(site->buckets[bucket_of(lifetime)], 1);
    ADD(table->header.exited, 1);
  }
  STORE(slot->wait_since, 0);
  __atomic_store_n(&slot->tid, 0, __ATOMIC_RELEASE);
  give_slot(table, slot);
}

int end_at_exit(void) {
  return pthread_key_create(&at_exit, on_exit_of_thread) == 0;
}

/* In the new thread; gives what its creator left in the slot. */
static __attribute__((always_inline)) inline void begin_thread(struct thread *slot, uint64_t *start, uint64_t *argument) {
  /* The slot lies in the table of the process that created this thread. */
  struct table *table = recording();
  *start = slot->start_routine;
  *argument = slot->argument;
  self.stack_top = (uint64_t)__builtin_frame_address(0);
  self.stack_bytes = slot->stack_bytes;
  if (table) adopt(table, slot);
}

static void *run(void *slot) {
  uint64_t start, argument;
  begin_thread(slot, &start, &argument);
  void *volatile result = ((void *(*)(void *))(uintptr_t)start)((void *)(uintptr_t)argument);
  return result;
}

static int run_c11(void *slot) {
  uint64_t start, argument;
  begin_thread(slot, &start, &argument);
  volatile int result = ((thrd_start_t)(uintptr_t)start)((void *)(uintptr_t)argument);
  return result;
}

static uint64_t stack_bytes_of(const pthread_attr_t *given) {
  static uint64_t by_default;
  size_t bytes = by_default;
  pthread_attr_t attributes;
  if (given) {
    pthread_attr_getstacksize(given, &bytes);
  } else if (!bytes && pthread_attr_init(&attributes) == 0) {
    pthread_attr_getstacksize(&attributes, &bytes);
    pthread_attr_destroy(&attributes);
    STORE(by_default, bytes);
  }
  return bytes;
}

/* What a creation is counted at; the slot is NULL where none is left. */
struct birth {
  struct table *table;
  struct site *site;
  struct thread *slot;
};

/* Before it is created: it may have ended when its creator goes on. */
static struct birth count_birth(uintptr_t start, void *argument, const pthread_attr_t *attributes) {
  struct birth birth = {recording(), NULL, NULL};
  have_threads();
  if (!birth.table) return birth;
  int error = errno;
  birth.site = site_here(birth.table, KIND_SPAWN, 0);
  birth.slot = new_slot(birth.table, (uint64_t)(birth.site - birth.table->sites));
  if (birth.slot) {
    birth.slot->start_routine = start;
    birth.slot->argument = (uint64_t)argument;
    birth.slot->stack_bytes = stack_bytes_of(attributes);
  }
  ADD(birth.table->header.created, 1);
  ADD(birth.site->count, 1);
  errno = error;
  return birth;
}

static void uncount(const struct birth *birth) {
  if (!birth->table) return;
  ADD(birth->table->header.created, (uint64_t)-1);
  ADD(birth->site->count, (uint64_t)-1);
  if (birth->slot) give_slot(birth->table, birth->slot);
}

EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument) {
  struct birth birth = count_birth((uintptr_t)start, argument, attributes);
  int result = birth.slot ? get_pthread_create()(thread, attributes, run, birth.slot)
                          : get_pthread_create()(thread, attributes, start, argument);
  if (result != 0) uncount(&birth);
  return result;
}

EXPORT int thrd_create(thrd_t *thread, thrd_start_t start, void *argument) {
  if (!get_thrd_create()) return thrd_error;
  struct birth birth = count_birth((uintptr_t)start, argument, NULL);
  int result = birth.slot ? get_thrd_create()(thread, run_c11, birth.slot) : get_thrd_create()(thread, start, argument);
  if (result != thrd_success) uncount(&birth);
  return result;
}

/* libc calls back in a thread that it makes by itself. */
EXPORT int timer_create(clockid_t clock, struct sigevent *event, timer_t *timer) {
  if (!get_timer_create()) return errno = ENOSYS, -1;
  if (event && event->sigev_notify == SIGEV_THREAD) have_threads();
  return get_timer_create()(clock, event, timer);
}

EXPORT int dlclose(void *library) {
  int result = get_dlclose()(library);
  forget_rules();
  return result;
}
