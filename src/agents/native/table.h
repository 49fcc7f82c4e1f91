/*
 * The table that the agent shares with holdup: one file per process, mapped by both, all fields little-endian.
 * src/probes/native/layout.ts reads the same; a change here raises TABLE_VERSION and changes both.
 *
 * Who writes: the target's threads, with relaxed atomic operations, and holdup one word (`ended`). Nobody locks. Entries
 * are handed out in order and never move, so a reader needs no more than the first `…_used` of each list. What does not
 * fit is counted. Times are CLOCK_MONOTONIC in nanoseconds.
 *
 * The file outlives the process, so a crash keeps what was measured. When holdup is gone its folder is deleted and the
 * agent goes on writing to memory that nobody reads: harmless.
 */
#ifndef HOLDUP_TABLE_H
#define HOLDUP_TABLE_H

#include <stdint.h>

#define TABLE_MAGIC 0x45564954414e4448ull /* "HDNATIVE" */
#define TABLE_VERSION 4u

#define THREADS 16384u
#define SITES 4096u
#define SITE_INDEX 8192u
#define MODULES 256u
#define LOOPS 256u
#define TURNS 1024u
#define DEPTH 32u
#define BUCKETS 128u
#define PATH_BYTES 216u

/* What a thread waits for. Each kind has an overflow site of its own: the site with the kind's number. */
enum kind {
  KIND_NONE,
  KIND_MUTEX,
  KIND_READ,
  KIND_WRITE,
  KIND_SEMAPHORE,
  KIND_FUTEX_LOCK, /* a raw futex used as a lock: Rust std's Mutex and RwLock */
  KIND_CONDITION,
  KIND_JOIN,
  KIND_FUTEX_IDLE, /* a raw futex used to wait for work: Rust std's Condvar and thread::park */
  KIND_PARK,       /* another's futex, as parking_lot's parkers: a lock or idle, the stack tells */
  KIND_POLL,
  KIND_UNLOCK, /* no wait: where a lock that others waited for was given back */
  KIND_SPAWN,  /* no wait: where threads were created */
  KIND_POST,   /* no wait: where a semaphore was posted by a thread that had not got it, or waited for by one that had */
  KINDS
};

/* One place in the program: a lock, what was done to it, and the stack that did it. */
struct site {
  uint64_t hash; /* 0: empty */
  uint64_t address;
  uint32_t kind;
  uint32_t depth;
  uint64_t count;   /* waits that ended, unlocks, threads created */
  uint64_t nanos;   /* their sum; of unlocks the time held, of threads their lifetime */
  uint64_t longest;
  uint64_t ended;   /* of threads: exited; of unlocks: those whose time held is known */
  uint64_t pad;
  uint64_t frames[DEPTH]; /* return addresses, leaf first */
  uint32_t buckets[BUCKETS];
  uint8_t reserved[192];
};

/* What a thread has spent, by class of wait. */
enum spent { SPENT_LOCK, SPENT_IDLE, SPENT_JOIN, SPENT_UNCLASSIFIED, SPENT_POLL, SPENT_CLASSES };

struct thread {
  uint64_t tid; /* 0: free, or not yet running */
  uint64_t born;
  uint64_t spawned_at; /* site, 0 where unknown */
  uint64_t wait_since; /* 0: not waiting. Written before the thread blocks */
  uint32_t wait_kind;
  uint32_t wait_site;
  uint64_t spent[SPENT_CLASSES];
  uint64_t next_free;
  uint64_t start_routine, argument; /* from the creating thread to the new one */
  uint64_t stack_bytes;
  uint64_t alive_at; /* when it last ended a wait, or gave back a lock that others waited for */
  uint8_t reserved[136];
};

/* An event loop: a thread that polls. A turn is from the return of a poll to the next one. */
struct loop {
  uint64_t tid;
  uint64_t turn_since; /* 0: in a poll */
  uint64_t turns, nanos, longest, over_10ms;
  uint64_t poll; /* 1 epoll, 2 poll or select */
  uint64_t pad;
  uint32_t buckets[BUCKETS];
  uint8_t reserved[448];
};

/* A turn of 10 ms or more; the latest TURNS of them stay. */
struct turn {
  uint64_t tid, ended_at, nanos, pad;
};

struct module {
  uint64_t start, end; /* of executable memory */
  uint64_t offset;     /* of `start` in the file */
  uint64_t eh_frame_hdr;
  uint64_t beginning; /* of what lies there, by which it is known again */
  char path[PATH_BYTES];
};

struct header {
  uint64_t magic;
  uint32_t version, libc; /* 1 glibc, 2 another (musl) */
  uint64_t pid;
  uint64_t created_at;
  uint64_t ended; /* holdup sets it when the recording is over: hooks then only pass through */
  uint64_t threads_used, sites_used, modules_used, loops_used, turns_used;
  uint64_t free_thread; /* tag << 32 | index + 1 */
  uint64_t created, exited;
  uint64_t spent_by_exited[SPENT_CLASSES];
  uint64_t lost_threads, lost_sites, lost_modules, lost_loops;
  uint64_t accepts, requests;
  uint64_t reading_modules; /* a thread does */
  uint64_t pid_namespace;   /* its inode: what `pid` and threads' ids are of; 0 unknown */
};

struct table {
  struct header header;
  uint8_t header_rest[4096 - sizeof(struct header)];
  uint16_t index[SITE_INDEX]; /* by hash, site or 0 */
  struct module modules[MODULES];
  struct turn turns[TURNS];
  struct loop loops[LOOPS];
  struct thread threads[THREADS];
  struct site sites[SITES];
};

_Static_assert(sizeof(struct site) == 1024, "layout.ts knows this size");
_Static_assert(sizeof(struct thread) == 256, "layout.ts knows this size");
_Static_assert(sizeof(struct loop) == 1024, "layout.ts knows this size");
_Static_assert(sizeof(struct module) == 256, "layout.ts knows this size");

/* Four buckets an octave, in units of 128 ns, the first four linear; the last begins at 20 minutes. */
static inline uint32_t bucket_of(uint64_t nanos) {
  uint64_t units = nanos >> 7;
  if (units < 4) return (uint32_t)units;
  uint32_t top = 63u - (uint32_t)__builtin_clzll(units);
  uint32_t bucket = (top - 1) * 4 + ((units >> (top - 2)) & 3);
  return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

#endif
