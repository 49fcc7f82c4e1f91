/* A program with a malloc of its own that locks, asks the kernel, reads and writes, as other allocators do. */
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/syscall.h>

#include "truth.h"

#define ARENA (64u << 20)

static _Alignas(16) char arena[ARENA];
static size_t used;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long failed;

void *malloc(size_t bytes) {
  pthread_mutex_lock(&lock);
  if (syscall(SYS_gettid) <= 0) failed++;
  int file = open("/dev/null", O_RDWR);
  char byte = 0;
  if (write(file, &byte, 1) != 1 || read(file, &byte, 1) != 0 || close(file) != 0) failed++;
  char *at = NULL;
  if (bytes <= ARENA - used - 32) {
    at = arena + used + 16;
    *(size_t *)(at - 16) = bytes;
    used += (bytes + 31) & ~(size_t)15;
  }
  pthread_mutex_unlock(&lock);
  return at;
}

void free(void *at) {
  (void)at;
}

void *calloc(size_t count, size_t bytes) {
  return malloc(count * bytes); /* fresh memory is zero */
}

void *realloc(void *old, size_t bytes) {
  void *at = malloc(bytes);
  size_t before = old ? *(size_t *)((char *)old - 16) : 0;
  return at && old ? memcpy(at, old, before < bytes ? before : bytes) : at;
}

static void *allocate(void *unused) {
  for (int i = 0; i < 1000; i++) free(malloc(16));
  /* A failing lookup makes glibc allocate its message. */
  if (dlsym(RTLD_DEFAULT, "no_such_name")) failed++;
  return unused;
}

int main(void) {
  pthread_t threads[4];
  for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, allocate, NULL);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  printf("failed: %ld\n", failed);
}
