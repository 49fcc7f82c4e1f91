/* A healthy pool: 16 workers wait on a condition variable for jobs that come every 2 ms. */
#include "truth.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;
static int jobs, over;

static void *run(void *unused) {
  pthread_mutex_lock(&lock);
  while (!over) {
    if (jobs > 0) {
      jobs--;
      pthread_mutex_unlock(&lock);
      work(200000);
      pthread_mutex_lock(&lock);
    } else {
      pthread_cond_wait(&filled, &lock);
    }
  }
  pthread_mutex_unlock(&lock);
  return unused;
}

int main(void) {
  pthread_t all[16];
  for (int i = 0; i < 16; i++) pthread_create(&all[i], NULL, run, NULL);
  for (int i = 0; i < 500; i++) {
    usleep(2000);
    pthread_mutex_lock(&lock);
    jobs++;
    pthread_mutex_unlock(&lock);
    pthread_cond_signal(&filled);
  }
  pthread_mutex_lock(&lock);
  over = 1;
  pthread_mutex_unlock(&lock);
  pthread_cond_broadcast(&filled);
  for (int i = 0; i < 16; i++) pthread_join(all[i], NULL);
  printf("TRUTH {\"jobs\":500}\n");
}
