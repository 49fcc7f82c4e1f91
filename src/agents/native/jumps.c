/*
 * Jumps out of a wait, as from a signal handler: the wait never ends, and must not count on for ever. One around a handler
 * that jumps within itself is counted all the same when it ends, only not seen meanwhile.
 */
#include <setjmp.h>

#include "agent.h"

extern void __longjmp_chk(jmp_buf to, int value) __attribute__((noreturn));
REAL(longjmp)
REAL(_longjmp)
REAL(siglongjmp)
REAL(__longjmp_chk)

static inline void leave_wait(void) {
  if (self.slot && LOAD(self.slot->wait_since) && recording() == self.of) STORE(self.slot->wait_since, 0);
}

EXPORT void longjmp(jmp_buf to, int value) {
  leave_wait();
  get_longjmp()(to, value);
  __builtin_unreachable();
}

EXPORT void _longjmp(jmp_buf to, int value) {
  leave_wait();
  get__longjmp()(to, value);
  __builtin_unreachable();
}

EXPORT void siglongjmp(sigjmp_buf to, int value) {
  leave_wait();
  get_siglongjmp()(to, value);
  __builtin_unreachable();
}

EXPORT void __longjmp_chk(jmp_buf to, int value) {
  leave_wait();
  get___longjmp_chk()(to, value);
  __builtin_unreachable();
}
