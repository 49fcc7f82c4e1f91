/* Waits for a lock from code of a library, unloads it, and waits from code that was written to where it lay. */
#include <dlfcn.h>
#include <sys/mman.h>

#include "truth.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* It may be copied to anywhere: what it calls, it is told. */
__attribute__((noinline)) int call(int (*function)(pthread_mutex_t *), pthread_mutex_t *argument) {
  int result = function(argument);
  __asm__ volatile("" ::: "memory");
  return result;
}

#ifndef LIBRARY
static void *hold(void *unused) {
  pthread_mutex_lock(&lock);
  usleep(20000);
  pthread_mutex_unlock(&lock);
  return unused;
}

static void wait_by(int (*caller)(int (*)(pthread_mutex_t *), pthread_mutex_t *)) {
  pthread_t holder;
  pthread_create(&holder, NULL, hold, NULL);
  usleep(5000);
  caller(pthread_mutex_lock, &lock);
  pthread_mutex_unlock(&lock);
  pthread_join(holder, NULL);
}

int main(int count, char **arguments) {
  void *library = dlopen(arguments[count - 1], RTLD_NOW);
  int (*there)(int (*)(pthread_mutex_t *), pthread_mutex_t *) = dlsym(library, "call");
  wait_by(there);
  dlclose(library);
  void *page = (void *)((uintptr_t)there & ~4095ul);
  void *code = mmap(page, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  memcpy((void *)there, (void *)call, 64);
  __builtin___clear_cache((char *)code, (char *)code + 8192);
  for (int i = 0; i < 3; i++) wait_by(there);
  printf("TRUTH {\"waits\":4}\n");
}
#endif
