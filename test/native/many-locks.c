/* 5,000 mutexes, each waited for once: more places than the agent has room for. */
#include "truth.h"

#define MUTEXES 5000

static pthread_mutex_t mutexes[MUTEXES];

static void *wait_for_each(void *unused) {
  const struct timespec past = {0, 0};
  for (int i = 0; i < MUTEXES; i++) pthread_mutex_timedlock(&mutexes[i], &past);
  return unused;
}

int main(void) {
  pthread_t thread;
  for (int i = 0; i < MUTEXES; i++) pthread_mutex_init(&mutexes[i], NULL);
  for (int i = 0; i < MUTEXES; i++) pthread_mutex_lock(&mutexes[i]);
  pthread_create(&thread, NULL, wait_for_each, NULL);
  pthread_join(thread, NULL);
  printf("TRUTH {\"waits\":%d}\n", MUTEXES);
}
