/* One place that waits, called from code without unwind tables which has data where others have a frame pointer. */
#include "truth.h"

#define WAITS 300

static pthread_mutex_t taken = PTHREAD_MUTEX_INITIALIZER;

/* Calls its first argument; its second is what it has in the register meanwhile. */
extern void call_with(void (*function)(void), const uint64_t *data);
#if defined(__x86_64__)
__asm__("call_with: push %rbp\n\tmov %rsi, %rbp\n\tcall *%rdi\n\tpop %rbp\n\tret");
#else
__asm__("call_with: stp x29, x30, [sp, #-16]!\n\tmov x29, x1\n\tblr x0\n\tldp x29, x30, [sp], #16\n\tret");
#endif

__attribute__((noinline)) static void wait_once(void) {
  const struct timespec past = {0, 0};
  pthread_mutex_timedlock(&taken, &past);
  __asm__ volatile("" ::: "memory");
}

static void *wait_often(void *unused) {
  for (uint64_t i = 0; i < WAITS; i++) {
    uint64_t data[4] = {0, i << 20 | 0x1234567, 0, 0};
    call_with(wait_once, data);
  }
  return unused;
}

int main(void) {
  pthread_t thread;
  pthread_mutex_lock(&taken);
  pthread_create(&thread, NULL, wait_often, NULL);
  pthread_join(thread, NULL);
  printf("TRUTH {\"waits\":%d}\n", WAITS);
}
