// Twelve threads search and four update under one mutex, each for 100 us at a time. On a line of input it says how often each was
// done.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <thread>

static std::mutex mutex;
static std::atomic<long> searches, updates;

static void work(int us) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(us);
  while (std::chrono::steady_clock::now() < end) {
  }
}

__attribute__((noinline)) static void search_index() {
  std::lock_guard<std::mutex> guard(mutex);
  work(100);
  searches++;
}

__attribute__((noinline)) static void update_index() {
  std::lock_guard<std::mutex> guard(mutex);
  work(100);
  updates++;
}

int main() {
  for (int number = 0; number < 16; number++)
    std::thread([number] {
      for (;;) {
        if (number < 4)
          update_index();
        else
          search_index();
        work(10);
      }
    }).detach();
  puts("ready");
  fflush(stdout);
  while (getchar() != EOF) {
    printf("TRUTH {\"searches\":%ld,\"updates\":%ld}\n", searches.load(), updates.load());
    fflush(stdout);
  }
}
