/* Locks that others contend for in processes that make no thread themselves: shared with a child, and taken in a timer's callback. */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "truth.h"

static pthread_mutex_t own = PTHREAD_MUTEX_INITIALIZER;
/* Others see it too. */
static volatile int *comes, has_run;

static void hold_until_somebody_waits(pthread_mutex_t *mutex) {
  while (!*comes) usleep(1000);
  usleep(100000);
  pthread_mutex_unlock(mutex);
}

static void on_timer(union sigval unused) {
  *comes = 1;
  pthread_mutex_lock(&own);
  pthread_mutex_unlock(&own);
  has_run = 1;
  (void)unused;
}

static void contend_with_timer(void) {
  struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = on_timer};
  struct itimerspec soon = {.it_value = {0, 1000000}};
  timer_t timer;
  timer_create(CLOCK_MONOTONIC, &event, &timer);
  pthread_mutex_lock(&own);
  timer_settime(timer, 0, &soon, NULL);
  hold_until_somebody_waits(&own);
  while (!has_run) usleep(1000);
}

static void contend_with_child(void) {
  pthread_mutex_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(shared, &attributes);
  pthread_mutex_lock(shared);
  pid_t child = fork();
  if (child == 0) {
    *comes = 1;
    pthread_mutex_lock(shared);
    _exit(0);
  }
  hold_until_somebody_waits(shared);
  waitpid(child, NULL, 0);
}

int main(int count, char **given) {
  (void)given;
  comes = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (count > 1) contend_with_timer();
  else contend_with_child();
}
