/* What the programs of this folder share: a clock, work that takes a given time, and a count of what they measure. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

__attribute__((unused)) static void work(uint64_t nanos) {
  for (uint64_t end = now() + nanos; now() < end;) {
  }
}
