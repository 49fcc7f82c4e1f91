/* Built as a library: takes a lock. Built as a program: waits for a lock in each LIBRARY, right after it was loaded and later. */
#include <dlfcn.h>

#include "truth.h"

__attribute__((noinline)) int lock_and_unlock(pthread_mutex_t *lock) {
  int result = pthread_mutex_lock(lock);
  return result ? result : pthread_mutex_unlock(lock);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *hold_for_10ms(void *unused) {
  pthread_mutex_lock(&lock);
  usleep(10000);
  pthread_mutex_unlock(&lock);
  return unused;
}

static void wait_in(int (*library)(pthread_mutex_t *)) {
  pthread_t holder;
  pthread_create(&holder, NULL, hold_for_10ms, NULL);
  usleep(3000);
  library(&lock);
  pthread_join(holder, NULL);
}

int main(int count, char **arguments) {
  int (*library)(pthread_mutex_t *) = NULL;
  for (int i = 1; i < count; i++) {
    library = (int (*)(pthread_mutex_t *))dlsym(dlopen(arguments[i], RTLD_NOW | RTLD_LOCAL), "lock_and_unlock");
    wait_in(library);
  }
  usleep(150000);
  for (int i = 0; i < 5; i++) wait_in(library);
  printf("TRUTH {\"later\":5}\n");
}
