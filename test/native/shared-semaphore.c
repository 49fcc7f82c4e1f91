/* A child that waits again and again at a semaphore that its parent posts. */
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "truth.h"

#define WAITS 6

int main(void) {
  sem_t *semaphore = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  sem_init(semaphore, 1, 0);
  if (fork() == 0) {
    for (int i = 0; i < WAITS; i++) sem_wait(semaphore);
    _exit(0);
  }
  for (int i = 0; i < WAITS; i++) {
    usleep(50000);
    sem_post(semaphore);
  }
  wait(NULL);
  printf("TRUTH {\"waits\":%d}\n", WAITS);
}
