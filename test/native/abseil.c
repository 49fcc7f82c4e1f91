/* abseil's Mutex and CondVar, by the names of Debian's build, for its headers may not be there. Both are a zeroed word. */
#include "truth.h"

#define WAITERS 4

typedef struct {
  uint64_t word;
} Word;
extern void lock(Word *mutex) __asm__("_ZN4absl7debian35Mutex4LockEv");
extern void unlock(Word *mutex) __asm__("_ZN4absl7debian35Mutex6UnlockEv");
extern void wait_for(Word *condition, Word *mutex) __asm__("_ZN4absl7debian37CondVar4WaitEPNS0_5MutexE");
extern void wake(Word *condition) __asm__("_ZN4absl7debian37CondVar9SignalAllEv");

static Word mutex, idle, condition;
static int done;
static _Atomic uint64_t wait_ns;

static void *contend(void *unused) {
  for (int i = 0; i < 100; i++) {
    uint64_t began = now();
    lock(&mutex);
    wait_ns += now() - began;
    usleep(1000);
    unlock(&mutex);
  }
  return unused;
}

static void *rest(void *unused) {
  lock(&idle);
  while (!done) wait_for(&condition, &idle);
  unlock(&idle);
  return unused;
}

int main(void) {
  pthread_t contending[WAITERS], resting[WAITERS];
  for (int i = 0; i < WAITERS; i++) pthread_create(&resting[i], NULL, rest, NULL);
  for (int i = 0; i < WAITERS; i++) pthread_create(&contending[i], NULL, contend, NULL);
  for (int i = 0; i < WAITERS; i++) pthread_join(contending[i], NULL);
  usleep(1100000);
  lock(&idle);
  done = 1;
  wake(&condition);
  unlock(&idle);
  for (int i = 0; i < WAITERS; i++) pthread_join(resting[i], NULL);
  printf("TRUTH {\"wait_ns\":%llu}\n", (unsigned long long)wait_ns);
}
