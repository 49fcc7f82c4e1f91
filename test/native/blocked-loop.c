/* A loop whose second turn takes 2.5 s. */
#include <sys/epoll.h>

#include "truth.h"

int main(void) {
  struct epoll_event event;
  int epoll = epoll_create1(0);
  epoll_wait(epoll, &event, 1, 1);
  epoll_wait(epoll, &event, 1, 1);
  usleep(2500000);
  epoll_wait(epoll, &event, 1, 1);
}
