/* What the parts of the agent share. */
#ifndef HOLDUP_AGENT_H
#define HOLDUP_AGENT_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>

#include "table.h"

#define EXPORT __attribute__((visibility("default")))
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

#define LOAD(place) __atomic_load_n(&(place), __ATOMIC_RELAXED)
#define STORE(place, value) __atomic_store_n(&(place), (value), __ATOMIC_RELAXED)
#define ADD(place, value) __atomic_fetch_add(&(place), (value), __ATOMIC_RELAXED)
/* For places that one thread writes. */
#define BUMP(place, value) STORE(place, LOAD(place) + (value))

/* A name that our constructor looks up, and where the address goes. */
struct lookup {
  const char *name;
  void **real;
};

/*
 * The function that a hook stands in for. Our constructor looks all of them up, but hooks are called before it runs, by
 * constructors of libraries that the loader initialises earlier. A lookup may allocate memory (glibc's do when they fail,
 * before 2.34 also the first of a thread), and a target's malloc may lock, read and write: what it may call until then
 * goes to a stand-in that needs no lookup. NULL where libc has none (musl, whose lookups allocate only when they fail).
 */
#define REAL_OR(name, stand_in) \
  static __typeof__(&name) real_##name; \
  static const struct lookup lookup_##name __attribute__((section("lookups"), used)) = {#name, (void **)&real_##name}; \
  static __attribute__((noinline, cold)) __typeof__(&name) early_##name(void) { \
    __typeof__(&name) early = stand_in; \
    return early ? early : (real_##name = (__typeof__(&name))find_real(#name)); \
  } \
  static inline __typeof__(&name) get_##name(void) { return UNLIKELY(!real_##name) ? early_##name() : real_##name; }
#define REAL(name) REAL_OR(name, NULL)
/* The same by the name that glibc has for its own use. */
#define REAL_OR_GLIBC(name) \
  extern __attribute__((weak)) __typeof__(name) __##name; \
  REAL_OR(name, __##name)
/* The same for what is called so often that a comparison with NULL would show: it is looked up by the first call. */
#define REAL_HOT(name, parameters, arguments) \
  extern __attribute__((weak)) __typeof__(name) __##name; \
  static __attribute__((noinline, cold)) int first_##name parameters { \
    return (__##name ? __##name : (__typeof__(&name))find_real(#name))arguments; \
  } \
  static __typeof__(&name) real_##name = first_##name; \
  static const struct lookup lookup_##name __attribute__((section("lookups"), used)) = {#name, (void **)&real_##name};

/* Semaphores that a thread can have at a time, for us to know of. */
#define GOT 4u

/* What a thread knows of itself. It is valid for the table in `of`: the child of a fork makes another one. */
struct self {
  struct table *of;
  struct thread *slot;
  struct loop *loop;
  uint64_t stack_top; /* nothing of the stack is read from here on; 0 unknown */
  uint64_t stack_bytes;
  uint64_t held; /* the mutex got last after a wait, and when */
  uint64_t held_since;
  struct got {
    uint64_t semaphore, since;
  } got[GOT]; /* the latest that it got and did not give back */
  uint32_t got_next;
  int gone;    /* its end was counted */
  int no_loop; /* there was no slot for its loop in `of` */
};
extern __thread struct self self;

struct wait {
  struct table *table;
  struct site *site;
  uint64_t since;
  uint32_t kind;
  /* The wait around it, of a thread that a signal interrupted. */
  uint64_t outer_since;
  uint32_t outer_kind, outer_site;
};

static inline uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* process.c */
extern int libc_is_glibc;
/* All that there may ever be written to gets its memory. */
void reserve_all(struct table *table);
void *find_real(const char *name);
/* The table to write to; NULL: pass through. */
struct table *recording(void);
/* Whether this is a child of vfork, whose memory is its parent's, but not its descriptors. */
int is_vforked(void);
/* Whether an entry of the table may be written: a full file system must not kill the target by SIGBUS. */
int usable(struct table *table, const void *entry);

/* system.c: system calls past libc, so past hooks, errno and cancellation. They return -errno. */
long system_call(long number, long a, long b, long c, long d, long e, long f);
/* Copies memory that may be mapped no more; 0 then. */
int copy_mapped(void *to, uint64_t from, size_t bytes);

/* sandbox.c: the target has forbidden itself system calls (seccomp), and each one that it doesn't expect may kill it. */
extern int sandboxed;
void before_sandbox(void);
/* The caller's thread id, without a system call where those are forbidden. */
uint64_t own_tid(void);
void learn_own_tid(void);

/* maps.c */
void read_modules(struct table *table);
const struct module *module_of(struct table *table, uint64_t pc);

/* Whether its unwind tables are where they were: code may have been unloaded, also by libc itself. */
int still_there(const struct module *module);

/* cfi.c */
struct rule {
  int32_t cfa_offset;
  int16_t fp_offset; /* from the CFA; NOT_SAVED: the caller's is in the register still */
  int16_t ra_offset; /* NOT_SAVED: the outermost frame */
  uint8_t cfa_register; /* 0: none, 1: stack pointer, 2: frame pointer */
};
#define NOT_SAVED INT16_MIN
struct rule rule_for(const struct module *module, uint64_t pc);

/* stack.c: return addresses of the callers of the hook, leaf first. */
uint32_t capture(struct table *table, uint64_t *frames, uint32_t most);
void forget_rules(void);

/* sites.c */
struct site *site_of(struct table *table, uint32_t kind, uint64_t address, const uint64_t *frames, uint32_t depth);
struct site *site_here(struct table *table, uint32_t kind, uint64_t address);
void count_at(struct site *site, uint64_t nanos);

/* waits.c */
void begin_wait(struct wait *wait, uint32_t kind, uint64_t address);
void end_wait(struct wait *wait);
/* A moment at which the process was alive: what it waits for as it is killed counts up to the last one. */
static inline void note_alive(uint64_t time) {
  if (self.slot) STORE(self.slot->alive_at, time);
}
/* locks.c */
#define INTERESTS 1024u
/*
 * Of mutexes and semaphores by hash, how many threads wait for them, or hold a mutex after a wait: so many an unlock has something to
 * note of. The lock word would say so too, but a processor that has just changed a word at once is slow to read it.
 */
extern uint32_t of_interest[INTERESTS];

static inline uint32_t *interest_in(const void *lock) {
  uint64_t address = (uint64_t)lock;
  return &of_interest[(address >> 4 ^ address >> 14) % INTERESTS];
}

void have_one_thread(void);
void have_threads(void);
/* Waiting for a condition gives the mutex back. */
void forget_held(const void *mutex);

/* threads.c: this thread's slot, NULL where there is none left. */
struct thread *own_slot(struct table *table);
int end_at_exit(void);

/* loops.c */
void begin_poll(struct wait *wait, uint32_t poll);
void end_poll(struct wait *wait);
void pause_turn(void);
void resume_turn(void);

#endif
