/* Jumps out of a wait by a signal handler, and does other things for long. */
#include <setjmp.h>
#include <signal.h>

#include "truth.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sigjmp_buf before;

static void jump(int number) {
  siglongjmp(before, number);
}

int main(void) {
  signal(SIGALRM, jump);
  pthread_mutex_lock(&lock);
  if (sigsetjmp(before, 1) == 0) {
    ualarm(100000, 0);
    pthread_mutex_lock(&lock); /* for ever */
  }
  for (int i = 0; i < 25; i++) usleep(100000);
}
