// Threads that wait: `contended THREADS HOLD_US` on one mutex, `pool THREADS` for work on a condition variable, `rwlock THREADS HOLD_US`;
// or `churn PER_SECOND`: short-lived ones.
// Answers each line on stdin with what they waited for a lock so far, in flight too: TRUTH {"lockMs": 1.5, "created": 17}.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>
#include <unistd.h>

using Clock = std::chrono::steady_clock;
static long now() { return Clock::now().time_since_epoch().count(); }

struct alignas(128) Waited { std::atomic<long> total{0}, since{0}; };
static Waited waited[512];
static std::mutex lockUnderTest, queueLock;
static std::shared_mutex indexLock;
static std::condition_variable work;
static int queued = 0;
static std::atomic<long> created{0};

static void spin(long us) { for (long end = now() + us * 1000; now() < end;) {} }

template <class Take> static void timed(Waited& w, Take take) {
  w.since = now();
  take();
  long took = now() - w.since;
  w.since = 0;
  w.total += took;
}

__attribute__((noinline)) void lockedSearch(Waited& w, long holdUs) {
  timed(w, [] { lockUnderTest.lock(); });
  spin(holdUs);
  lockUnderTest.unlock();
  asm volatile("");
}

__attribute__((noinline)) void handleRequest(Waited& w, long holdUs) {
  lockedSearch(w, holdUs);
  spin(20);
  asm volatile("");
}

__attribute__((noinline)) void updateIndex(Waited& w, long holdUs, bool write) {
  timed(w, [&] { write ? indexLock.lock() : indexLock.lock_shared(); });
  spin(holdUs);
  if (write) indexLock.unlock(); else indexLock.unlock_shared();
  asm volatile("");
}

__attribute__((noinline)) void waitForWork() {
  std::unique_lock<std::mutex> lock(queueLock);
  work.wait(lock, [] { return queued > 0; });
  queued--;
  lock.unlock();
  spin(100);
}

__attribute__((noinline)) void threadPerRequest(long perSecond) {
  for (long next = now();; next += 1'000'000'000 / perSecond) {
    while (now() < next) usleep(200);
    created++;
    std::thread([] { spin(50); }).detach();
  }
}

int main(int, char** argv) {
  const std::string mode = argv[1];
  const int threads = std::stoi(argv[2]);
  const long holdUs = mode == "pool" || mode == "churn" ? 0 : std::stol(argv[3]);
  if (mode == "churn") std::thread(threadPerRequest, threads).detach();
  else for (int i = 0; i < threads; i++) {
    std::thread([=] {
      for (long n = 0;; n++) {
        if (mode == "contended") handleRequest(waited[i], holdUs);
        else if (mode == "rwlock") updateIndex(waited[i], holdUs, (n + i) % 4 == 0);
        else waitForWork();
      }
    }).detach();
  }
  if (mode == "pool") std::thread([] {
    for (;;) {
      usleep(2000);
      { std::lock_guard<std::mutex> lock(queueLock); queued++; }
      work.notify_one();
    }
  }).detach();
  std::cout << "ready" << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    long ns = 0;
    for (auto& w : waited) { long since = w.since; ns += w.total + (since ? now() - since : 0); }
    std::cout << "TRUTH {\"lockMs\": " << ns / 1e6 << ", \"created\": " << created << "}" << std::endl;
  }
  _exit(0);
}
