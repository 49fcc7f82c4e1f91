/* Targets that forbid themselves system calls as they run: what we need any for is done before, or no more. */
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/prctl.h>

#include "agent.h"

/* Into what libc knows of a thread; musl's is shorter. */
#define LOOKED_AT 1024u
#define LOOKED_AT_MUSL 160u

int sandboxed;
/* Where libc keeps a thread's id, from pthread_self(); 0 unknown. */
static uint32_t tid_at;

REAL(prctl)

/* In the first thread: the only place of that value, else we don't know. */
void learn_own_tid(void) {
  const uint32_t *words = (const uint32_t *)(uintptr_t)pthread_self();
  uint32_t tid = (uint32_t)system_call(SYS_gettid, 0, 0, 0, 0, 0, 0), found = 0;
  for (uint32_t i = 1; i < (libc_is_glibc ? LOOKED_AT : LOOKED_AT_MUSL) / sizeof tid; i++) {
    if (words[i] != tid) continue;
    if (found) return;
    found = i;
  }
  tid_at = found;
}

uint64_t own_tid(void) {
  if (!LOAD(sandboxed)) return (uint64_t)system_call(SYS_gettid, 0, 0, 0, 0, 0, 0);
  return tid_at ? ((const uint32_t *)(uintptr_t)pthread_self())[tid_at] : 0;
}

void before_sandbox(void) {
  struct table *table = recording();
  if (table) {
    read_modules(table);
    reserve_all(table);
  }
  STORE(sandboxed, 1);
}

EXPORT int prctl(int option, ...) {
  va_list list;
  va_start(list, option);
  unsigned long a = va_arg(list, unsigned long), b = va_arg(list, unsigned long);
  unsigned long c = va_arg(list, unsigned long), d = va_arg(list, unsigned long);
  va_end(list);
  if (option == PR_SET_SECCOMP) before_sandbox();
  return get_prctl()(option, a, b, c, d);
}
