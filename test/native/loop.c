/* A loop on epoll whose turns take 5, 20 and 80 ms now and then, or none. */
#include <sys/epoll.h>

#include "truth.h"

int main(void) {
  int epoll = epoll_create1(0);
  struct epoll_event event;
  uint64_t over = 0, longest = 0, began = 0;
  for (int i = 0; i < 120; i++) {
    if (began) {
      uint64_t turn = now() - began;
      over += turn >= 10000000;
      if (turn > longest) longest = turn;
    }
    epoll_wait(epoll, &event, 1, 1);
    began = now();
    if (i % 20 == 5) work(5000000);
    if (i % 20 == 10) work(20000000);
    if (i == 50) work(80000000);
  }
  printf("TRUTH {\"over_10ms\":%llu,\"longest_ns\":%llu}\n", (unsigned long long)over, (unsigned long long)longest);
}
