/* One wait of each kind by functions that are rarely used; and what _FORTIFY_SOURCE makes of read, recv and poll. */
#include <netinet/in.h>
#include <poll.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <threads.h>

#include "truth.h"

static pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;
static mtx_t mutex;
static cnd_t condition;

static struct timespec soon(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  time.tv_nsec += 20000000;
  if (time.tv_nsec >= 1000000000) time.tv_sec++, time.tv_nsec -= 1000000000;
  return time;
}

static int hold_for_20ms(void *unused) {
  (void)unused;
  mtx_lock(&mutex);
  usleep(20000);
  mtx_unlock(&mutex);
  return 5;
}

static void *wait_for_shared(void *write) {
  struct timespec until = soon();
  if (write) pthread_rwlock_clockwrlock(&shared, CLOCK_MONOTONIC, &until);
  else pthread_rwlock_clockrdlock(&shared, CLOCK_MONOTONIC, &until);
  return NULL;
}

static void in_thread(void *(*run)(void *), void *argument) {
  pthread_t thread;
  pthread_create(&thread, NULL, run, argument);
  pthread_join(thread, NULL);
}

/* A request: a read and then a write. The number of bytes is no constant, so that it is checked as the program runs. */
static void answer(int by_read, size_t bytes) {
  char text[8];
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
  bind(server, (struct sockaddr *)&address, sizeof address);
  listen(server, 1);
  getsockname(server, (struct sockaddr *)&address, &length);
  connect(client, (struct sockaddr *)&address, sizeof address);
  int accepted = accept(server, NULL, NULL);
  send(client, "ping", 4, 0);
  struct pollfd files[2] = {{accepted, POLLIN, 0}, {0}};
  poll(files, bytes / 4, 1000);
  ssize_t got = by_read ? read(accepted, text, bytes) : recv(accepted, text, bytes, 0);
  send(accepted, text, (size_t)got, 0);
}

int main(int count, char **arguments) {
  (void)arguments;
  int value = 0;
  thrd_t thread;
  mtx_init(&mutex, mtx_timed);
  cnd_init(&condition);
  thrd_create(&thread, hold_for_20ms, NULL);
  usleep(5000);
  mtx_lock(&mutex);
  mtx_unlock(&mutex);
  thrd_join(thread, &value);
  mtx_lock(&mutex);
  struct timespec past = {1, 0};
  cnd_timedwait(&condition, &mutex, &past);
  pthread_rwlock_wrlock(&shared);
  in_thread(wait_for_shared, NULL);
  in_thread(wait_for_shared, &value);
  sem_t semaphore;
  sem_init(&semaphore, 0, 0);
  struct timespec until = soon();
  sem_clockwait(&semaphore, CLOCK_MONOTONIC, &until);
  struct epoll_event event;
  struct timespec ms = {0, 1000000};
  int epoll = epoll_create1(0);
  for (int i = 0; i < 5; i++) epoll_pwait2(epoll, &event, 1, &ms, NULL);
  for (int i = 0; i < 4; i++) answer(i % 2, 4 + (size_t)(count - 1));
  printf("TRUTH {\"returned\":%d,\"requests\":4,\"created\":3}\n", value);
}
