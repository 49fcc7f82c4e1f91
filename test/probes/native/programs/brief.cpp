// A thread every three milliseconds that computes for some two: most of the time in hot(), the rest in cold(), and ends.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <thread>

#include <unistd.h>

static std::atomic<uint64_t> hot_ns, cold_ns, result;

static uint64_t cpu_ns() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static inline uint64_t mix(uint64_t x, int rounds) {
  for (int i = 0; i < rounds; i++) x = x * 6364136223846793005ull + (x >> 7) + i;
  return x;
}

__attribute__((noinline)) uint64_t hot(uint64_t x) { return mix(x, 600000) + 1; }
__attribute__((noinline)) uint64_t cold(uint64_t x) { return mix(x, 200000) + 2; }

__attribute__((noinline)) uint64_t handle(uint64_t x) {
  uint64_t start = cpu_ns();
  x = hot(x);
  uint64_t middle = cpu_ns();
  x += cold(x);
  hot_ns += middle - start;
  cold_ns += cpu_ns() - middle;
  return x;
}

static void serve() {
  for (;;) {
    std::thread([] { result = handle(result); }).detach();
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
  }
}

// With an argument it needs no input.
int main(int argc, char**) {
  std::thread(serve).detach();
  if (argc > 1) pause();
  puts("ready");
  fflush(stdout);
  while (getchar() != EOF) {
    printf("TRUTH {\"hotMs\":%f,\"coldMs\":%f}\n", hot_ns / 1e6, cold_ns / 1e6);
    fflush(stdout);
  }
}
