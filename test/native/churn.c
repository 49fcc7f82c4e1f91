/* RATE detached threads a second for MS ms. */
#include "truth.h"

static int alive;

static void *query(void *unused) {
  work(30000);
  __atomic_fetch_sub(&alive, 1, __ATOMIC_RELAXED);
  return unused;
}

int main(int count, char **arguments) {
  uint64_t rate = strtoull(count > 1 ? arguments[1] : "2000", NULL, 10), created = 0;
  uint64_t end = now() + 1000000ull * strtoull(count > 2 ? arguments[2] : "2000", NULL, 10);
  pthread_attr_t detached;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  for (uint64_t next = now(); next < end; next += 1000000000 / rate) {
    while (now() < next) usleep(100);
    pthread_t thread;
    __atomic_fetch_add(&alive, 1, __ATOMIC_RELAXED);
    if (pthread_create(&thread, &detached, query, NULL) == 0) created++;
    else __atomic_fetch_sub(&alive, 1, __ATOMIC_RELAXED);
  }
  while (__atomic_load_n(&alive, __ATOMIC_RELAXED) > 0) usleep(1000);
  usleep(20000); /* until the last one has exited */
  printf("TRUTH {\"created\":%llu}\n", (unsigned long long)created);
}
