/* Threads that wait by syscall(): for GLib's mutex and condition variable, and for a word that means what its author chose, as folly's. */
#include <linux/futex.h>
#include <sys/syscall.h>

#include "truth.h"

#define WAITERS 4

/* Of GLib, which is there without its headers. */
typedef union {
  void *p;
  unsigned i[2];
} Lock;
typedef struct {
  void *p;
  unsigned i[2];
} Condition;
extern void g_mutex_lock(Lock *lock), g_mutex_unlock(Lock *lock);
extern void g_cond_wait(Condition *condition, Lock *lock), g_cond_broadcast(Condition *condition);

static Lock mutex, idle;
static Condition condition;
static int done;
static unsigned word = 2;
static _Atomic uint64_t wait_ns;

__attribute__((noinline)) static void baton_wait(void) {
  while (__atomic_load_n(&word, __ATOMIC_ACQUIRE) == 2) {
    syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 2, NULL, NULL, FUTEX_BITSET_MATCH_ANY);
  }
}

static void *contend(void *unused) {
  for (int i = 0; i < 100; i++) {
    uint64_t began = now();
    g_mutex_lock(&mutex);
    wait_ns += now() - began;
    usleep(1000);
    g_mutex_unlock(&mutex);
  }
  return unused;
}

static void *rest(void *unused) {
  baton_wait();
  return unused;
}

static void *rest_in_glib(void *unused) {
  g_mutex_lock(&idle);
  while (!done) g_cond_wait(&condition, &idle);
  g_mutex_unlock(&idle);
  return unused;
}

int main(void) {
  pthread_t contending[WAITERS], resting[WAITERS], in_glib[WAITERS];
  for (int i = 0; i < WAITERS; i++) pthread_create(&resting[i], NULL, rest, NULL);
  for (int i = 0; i < WAITERS; i++) pthread_create(&in_glib[i], NULL, rest_in_glib, NULL);
  for (int i = 0; i < WAITERS; i++) pthread_create(&contending[i], NULL, contend, NULL);
  for (int i = 0; i < WAITERS; i++) pthread_join(contending[i], NULL);
  usleep(1100000);
  __atomic_store_n(&word, 0, __ATOMIC_RELEASE);
  syscall(SYS_futex, &word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, WAITERS);
  for (int i = 0; i < WAITERS; i++) pthread_join(resting[i], NULL);
  g_mutex_lock(&idle);
  done = 1;
  g_cond_broadcast(&condition);
  g_mutex_unlock(&idle);
  for (int i = 0; i < WAITERS; i++) pthread_join(in_glib[i], NULL);
  printf("TRUTH {\"wait_ns\":%llu,\"mutex\":%llu}\n", (unsigned long long)wait_ns, (unsigned long long)(uintptr_t)&mutex);
}
