/* THREADS threads share one mutex for MS ms, each time held for HOLD ns. */
#include "truth.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t waited, hold, end;

__attribute__((noinline)) static uint64_t search(void) {
  uint64_t before = now();
  pthread_mutex_lock(&lock);
  uint64_t nanos = now() - before;
  if (hold > 1000) work(hold);
  else for (volatile int i = 0; i < 300; i++) {}
  pthread_mutex_unlock(&lock);
  return nanos;
}

static void *run(void *unused) {
  uint64_t nanos = 0;
  while (now() < end) nanos += search();
  __atomic_fetch_add(&waited, nanos, __ATOMIC_RELAXED);
  return unused;
}

int main(int count, char **arguments) {
  int threads = count > 1 ? atoi(arguments[1]) : 16;
  end = now() + 1000000ull * strtoull(count > 2 ? arguments[2] : "1000", NULL, 10);
  hold = strtoull(count > 3 ? arguments[3] : "200000", NULL, 10);
  pthread_t all[64];
  for (int i = 0; i < threads; i++) pthread_create(&all[i], NULL, run, NULL);
  for (int i = 0; i < threads; i++) pthread_join(all[i], NULL);
  printf("TRUTH {\"wait_ns\":%llu,\"search\":%llu,\"unlock\":\"%p\"}\n", (unsigned long long)waited,
         (unsigned long long)(uintptr_t)search, (void *)&lock);
}
