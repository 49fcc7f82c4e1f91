/* 300 threads at once, each with ten polls: more loops than the agent has room for. */
#include <poll.h>

#include "truth.h"

#define THREADS 300

static pthread_barrier_t all_polled;

static void *poll_ten_times(void *unused) {
  for (int i = 0; i < 10; i++) poll(NULL, 0, 1);
  pthread_barrier_wait(&all_polled);
  return unused;
}

int main(void) {
  pthread_t threads[THREADS];
  pthread_barrier_init(&all_polled, NULL, THREADS);
  for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, poll_ten_times, NULL);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  printf("TRUTH {\"threads\":%d}\n", THREADS);
}
