/* Takes a lock after a wait, gives it back, and only then holds it, or waits for a condition, for long. */
#include "truth.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

static void *hold_for_20ms(void *unused) {
  pthread_mutex_lock(&lock);
  usleep(20000);
  pthread_mutex_unlock(&lock);
  return unused;
}

static void *wait_for_lock(void *unused) {
  pthread_mutex_lock(&lock);
  pthread_mutex_unlock(&lock);
  return unused;
}

/* Takes the lock after a wait, and nobody else waits for it. */
static void lock_after_wait(void) {
  pthread_t holder;
  pthread_create(&holder, NULL, hold_for_20ms, NULL);
  usleep(5000);
  pthread_mutex_lock(&lock);
  pthread_join(holder, NULL);
}

/* Gives the lock back while another waits for it. */
static void unlock_contended(void) {
  pthread_t waiter;
  pthread_create(&waiter, NULL, wait_for_lock, NULL);
  usleep(10000);
  pthread_mutex_unlock(&lock);
  pthread_join(waiter, NULL);
}

int main(void) {
  lock_after_wait();
  pthread_mutex_unlock(&lock);
  usleep(300000);
  pthread_mutex_lock(&lock);
  unlock_contended();

  lock_after_wait();
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += 1;
  pthread_cond_timedwait(&condition, &lock, &until);
  unlock_contended();
}
