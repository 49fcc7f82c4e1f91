/* The table of this process: made by the constructor, made again in the child of a fork. */
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"

#define FOLDER_VARIABLE "HOLDUP_NATIVE"
/* Set where holdup's JavaScript agent sees into Node processes: one agent each is enough. */
#define EXCEPT_NODE_VARIABLE "HOLDUP_NATIVE_EXCEPT_NODE"
#define FOLDER_BYTES 256
/* A file that says that the tables take as much memory as they may. */
#define FULL "/full"
#define CHUNK 16384u
#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/* glibc's; musl has neither. */
extern __attribute__((weak)) const char *gnu_get_libc_version(void);
extern __attribute__((weak)) void *dlvsym(void *handle, const char *name, const char *version);

/* On a page that the kernel clears in the child of a fork: so the child stops writing to its parent's table. */
struct live {
  struct table *table;
  int tried;
};

int libc_is_glibc;
__thread struct self self;
static struct live *live;
/* Where the kernel can't clear a page (before Linux 4.14) the process id tells a child. */
static long compare_pid;
static char folder[FOLDER_BYTES];
static int no_room;
/* Chunks of the table that have their memory. No entry lies across two. */
static uint8_t ready[sizeof(struct table) / CHUNK + 1];
static uint64_t page_bytes = 4096;

/* The linker's names for where the list of REAL begins and ends. */
extern const struct lookup __start_lookups[] __attribute__((visibility("hidden")));
extern const struct lookup __stop_lookups[] __attribute__((visibility("hidden")));

void *find_real(const char *name) {
#if defined(__x86_64__)
  /* glibc keeps condition variables of before 2003 under the same names. No others are asked for: failing allocates. */
  if (dlvsym && (strcmp(name, "pthread_cond_wait") == 0 || strcmp(name, "pthread_cond_timedwait") == 0)) {
    void *found = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");
    if (found) return found;
  }
#endif
  return dlsym(RTLD_NEXT, name);
}

static void find_all(void) {
  for (const struct lookup *lookup = __start_lookups; lookup < __stop_lookups; lookup++) {
    void *real = find_real(lookup->name);
    if (real) __atomic_store_n(lookup->real, real, __ATOMIC_RELEASE);
  }
}

static char *append(char *to, const char *text) {
  while (*text) *to++ = *text++;
  return to;
}

/* Whether all tables together take as much as they may. */
static int is_full(void) {
  char path[FOLDER_BYTES + sizeof FULL];
  *append(append(path, folder), FULL) = 0;
  return system_call(SYS_faccessat, AT_FDCWD, (long)path, F_OK, 0, 0, 0) == 0;
}

/* Adds 0 to the page's first word in the kernel, whose failure is no SIGBUS. */
static int touch(uintptr_t page) {
  long add_0 = (long)FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_EQ, 0);
  return system_call(SYS_futex, (long)page, FUTEX_WAKE_OP | FUTEX_PRIVATE_FLAG, 0, 0, (long)page, add_0) >= 0;
}

static int written(const void *from, uint64_t bytes) {
  uintptr_t start = (uintptr_t)from & ~(page_bytes - 1);
  uintptr_t end = ((uintptr_t)from + bytes + page_bytes - 1) & ~(page_bytes - 1);
  long result = system_call(SYS_madvise, (long)start, (long)(end - start), MADV_POPULATE_WRITE, 0, 0, 0);
  /* Kernels before 5.14 don't know it. */
  if (result != -EINVAL) return result == 0;
  for (uintptr_t page = start; page < end; page += page_bytes)
    if (!touch(page)) return 0;
  return 1;
}

int usable(struct table *table, const void *entry) {
  uint64_t chunk = (uint64_t)((const char *)entry - (const char *)table) / CHUNK, start = chunk * CHUNK;
  if (LOAD(ready[chunk])) return 1;
  if (LOAD(no_room) || LOAD(sandboxed)) return 0;
  /* Two threads may do the same at once, which is harmless; neither goes on before there is memory. */
  if (is_full() || !written((const char *)table + start, start + CHUNK <= sizeof *table ? CHUNK : sizeof *table - start)) {
    STORE(no_room, 1);
    return 0;
  }
  STORE(ready[chunk], 1);
  return 1;
}

void reserve_all(struct table *table) {
  for (uint64_t at = 0; at < sizeof *table; at += CHUNK) usable(table, (const char *)table + at);
}

/* What every process uses at once; the long lists as they fill. */
static int reserve(struct table *table) {
  memset(ready, 0, sizeof ready);
  no_room = 0;
  return written(table, offsetof(struct table, modules)) && usable(table, &table->sites[0]) &&
         usable(table, &table->sites[KINDS - 1]);
}

static char *append_number(char *to, uint64_t number, unsigned base) {
  char digits[24];
  int count = 0;
  do digits[count++] = "0123456789abcdef"[number % base];
  while (number /= base);
  while (count) *to++ = digits[--count];
  return to;
}

static uint64_t pid_namespace(void) {
  struct stat of;
  long result = system_call(SYS_newfstatat, AT_FDCWD, (long)"/proc/self/ns/pid", (long)&of, 0, 0, 0);
  return result == 0 ? of.st_ino : 0;
}

/* Only system calls: the child of a fork may be in the middle of anything. */
static struct table *make_table(long pid) {
  /* A file that grows beyond the limit gets its process killed by SIGXFSZ. */
  struct rlimit limit;
  if (system_call(SYS_prlimit64, 0, RLIMIT_FSIZE, 0, (long)&limit, 0, 0) != 0) return NULL;
  if (limit.rlim_cur < sizeof(struct table) || is_full()) return NULL;
  uint64_t time = now();
  char path[FOLDER_BYTES + 64];
  char *end = append_number(append(append(path, folder), "/"), (uint64_t)pid, 10);
  *append_number(append(end, "-"), time, 16) = 0;
  long file = system_call(SYS_openat, AT_FDCWD, (long)path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, 0, 0);
  if (file < 0) return NULL;
  struct table *table = NULL;
  if (system_call(SYS_ftruncate, file, sizeof *table, 0, 0, 0, 0) == 0) {
    long at = system_call(SYS_mmap, 0, sizeof *table, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (at > 0 || at < -4095) table = (struct table *)at;
  }
  if (table && !reserve(table)) {
    system_call(SYS_munmap, (long)table, sizeof *table, 0, 0, 0, 0);
    table = NULL;
  }
  system_call(SYS_close, file, 0, 0, 0, 0, 0);
  if (!table) {
    system_call(SYS_unlinkat, AT_FDCWD, (long)path, 0, 0, 0, 0);
    return NULL;
  }
  struct header *header = &table->header;
  header->version = TABLE_VERSION;
  header->libc = libc_is_glibc ? 1 : 2;
  header->pid = (uint64_t)pid;
  header->pid_namespace = pid_namespace();
  header->created_at = time;
  /* Site n of the first ones takes what no other site can of kind n. */
  for (uint32_t kind = 0; kind < KINDS; kind++) table->sites[kind].kind = kind;
  header->sites_used = KINDS;
  read_modules(table);
  __atomic_store_n(&header->magic, TABLE_MAGIC, __ATOMIC_RELEASE);
  return table;
}

static __attribute__((noinline, cold)) struct table *begin_table(void) {
  int untried = 0;
  if (LOAD(sandboxed)) return NULL;
  if (!__atomic_compare_exchange_n(&live->tried, &untried, 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) return NULL;
  int error = errno;
  long pid = system_call(SYS_getpid, 0, 0, 0, 0, 0, 0);
  if (compare_pid) compare_pid = pid;
  struct table *table = make_table(pid);
  __atomic_store_n(&live->table, table, __ATOMIC_RELEASE);
  errno = error;
  return table;
}

struct table *recording(void) {
  if (UNLIKELY(!live)) return NULL;
  if (UNLIKELY(compare_pid) && system_call(SYS_getpid, 0, 0, 0, 0, 0, 0) != compare_pid) *live = (struct live){0};
  struct table *table = __atomic_load_n(&live->table, __ATOMIC_ACQUIRE);
  if (UNLIKELY(!table)) {
    if (live->tried || !(table = begin_table())) return NULL;
  }
  return LOAD(table->header.ended) ? NULL : table;
}

int is_vforked(void) {
  struct table *table = live ? LOAD(live->table) : NULL;
  return table && !LOAD(sandboxed) && (uint64_t)system_call(SYS_getpid, 0, 0, 0, 0, 0, 0) != table->header.pid;
}

/* Add-ons register with it, so Node exports it. */
static int is_node(void) { return dlsym(RTLD_DEFAULT, "node_module_register") != NULL; }

static __attribute__((constructor)) void begin(void) {
  find_all();
  have_one_thread();
  const char *given = getenv(FOLDER_VARIABLE);
  size_t length = 0;
  while (given && given[length] && length < FOLDER_BYTES) length++;
  if (length == 0 || length == FOLDER_BYTES || given[0] != '/' || !end_at_exit()) return;
  if (getenv(EXCEPT_NODE_VARIABLE) && is_node()) return;
  memcpy(folder, given, length + 1);
  page_bytes = getauxval(AT_PAGESZ);
  libc_is_glibc = gnu_get_libc_version != NULL;
  long page = system_call(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page < 0 && page >= -4095) return;
  if (system_call(SYS_madvise, page, 4096, MADV_WIPEONFORK, 0, 0, 0) != 0) compare_pid = 1;
  /* The environment lies above every frame of the first thread. */
  extern char **environ;
  self.stack_top = (uint64_t)(uintptr_t)environ;
  self.stack_bytes = 64ul << 20;
  learn_own_tid();
  live = (struct live *)page;
  struct table *table = recording();
  if (table) own_slot(table);
}
