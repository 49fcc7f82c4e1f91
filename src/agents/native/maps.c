/* The executable mappings of the process, from /proc/self/maps: no lock of the loader's is needed, nor its memory. */
#include <elf.h>
#include <fcntl.h>
#include <string.h>

#include "agent.h"

struct line {
  uint64_t start, end, offset;
  int readable, executable;
  const char *path;
};

static uint64_t parse(const char **at, unsigned base) {
  uint64_t number = 0;
  for (;; (*at)++) {
    char c = **at;
    unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;
    if (digit >= base) return number;
    number = number * base + digit;
  }
}

/* `start-end perms offset device inode   path` */
static struct line parse_line(const char *at) {
  struct line line = {0};
  line.start = parse(&at, 16);
  at += *at == '-';
  line.end = parse(&at, 16);
  line.readable = at[0] == ' ' && at[1] == 'r';
  for (int i = 0; i < 3 && *at; i++) at++;
  line.executable = *at == 'x';
  while (*at && *at != ' ') at++;
  while (*at == ' ') at++;
  line.offset = parse(&at, 16);
  for (int field = 0; field < 2; field++) {
    while (*at == ' ') at++;
    while (*at && *at != ' ') at++;
  }
  while (*at == ' ') at++;
  line.path = at;
  return line;
}

/* Where the unwinder's table lies, from the program headers of the file that is mapped at `base`. */
static uint64_t eh_frame_hdr_of(uint64_t base) {
  Elf64_Ehdr elf;
  if (!copy_mapped(&elf, base, sizeof elf)) return 0;
  if (memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 || elf.e_phentsize != sizeof(Elf64_Phdr)) return 0;
  if (elf.e_phoff + elf.e_phnum * sizeof(Elf64_Phdr) > 4096) return 0;
  uint64_t first = 0, found = 0;
  int seen = 0;
  for (int i = 0; i < elf.e_phnum; i++) {
    Elf64_Phdr header;
    if (!copy_mapped(&header, base + elf.e_phoff + (uint64_t)i * sizeof header, sizeof header)) return 0;
    if (header.p_type == PT_LOAD && !seen++) first = header.p_vaddr & ~4095ull;
    if (header.p_type == PT_GNU_EH_FRAME) found = header.p_vaddr;
  }
  return found ? base - first + found : 0;
}

/* How the unwinder's table begins: its encodings, where its frames are, and how many. */
static uint64_t beginning_of(uint64_t eh_frame_hdr) {
  uint64_t words[2];
  return eh_frame_hdr && copy_mapped(words, eh_frame_hdr, sizeof words) ? words[0] * 31 ^ words[1] : 0;
}

int still_there(const struct module *module) {
  return module->eh_frame_hdr && beginning_of(module->eh_frame_hdr) == module->beginning;
}

static int known(const struct table *table, const struct line *line, const char *path) {
  for (uint64_t i = table->header.modules_used; i-- > 0;) {
    const struct module *module = &table->modules[i];
    if (module->start < line->end && line->start < module->end)
      return module->start == line->start && module->end == line->end && strncmp(module->path, path, PATH_BYTES - 1) == 0;
  }
  return 0;
}

static void add_module(struct table *table, const struct line *line, uint64_t base) {
  struct header *header = &table->header;
  if (known(table, line, line->path)) return;
  if (header->modules_used == MODULES) {
    ADD(header->lost_modules, 1);
    return;
  }
  struct module *module = &table->modules[header->modules_used];
  if (!usable(table, module)) return;
  module->start = line->start;
  module->end = line->end;
  module->offset = line->offset;
  module->eh_frame_hdr = base ? eh_frame_hdr_of(base) : 0;
  module->beginning = beginning_of(module->eh_frame_hdr);
  if (!module->beginning) module->eh_frame_hdr = 0;
  size_t length = 0;
  while (line->path[length] && length < PATH_BYTES - 1) length++;
  memcpy(module->path, line->path, length);
  __atomic_store_n(&header->modules_used, header->modules_used + 1, __ATOMIC_RELEASE);
}

/* Keeps of each file where its start is mapped, for the lines of one file follow each other. */
static void read_lines(struct table *table, long file) {
  static char text[8192];
  char of[PATH_BYTES] = {0};
  uint64_t base = 0;
  size_t filled = 0;
  for (;;) {
    long got = system_call(SYS_read, file, (long)(text + filled), (long)(sizeof text - 1 - filled), 0, 0, 0);
    if (got <= 0) return;
    filled += (size_t)got;
    char *at = text;
    for (char *end; (end = memchr(at, '\n', filled - (size_t)(at - text))); at = end + 1) {
      *end = 0;
      struct line line = parse_line(at);
      if (line.offset == 0 && line.path[0] && line.readable) {
        base = line.start;
        strncpy(of, line.path, sizeof of - 1);
      } else if (strncmp(of, line.path, sizeof of - 1) != 0) {
        base = 0;
      }
      if (line.executable) add_module(table, &line, base);
    }
    filled -= (size_t)(at - text);
    memmove(text, at, filled);
    if (filled == sizeof text - 1) filled = 0;
  }
}

void read_modules(struct table *table) {
  if (LOAD(sandboxed)) return;
  uint64_t idle = 0;
  if (!__atomic_compare_exchange_n(&table->header.reading_modules, &idle, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
  long file = system_call(SYS_openat, AT_FDCWD, (long)"/proc/self/maps", O_RDONLY | O_CLOEXEC, 0, 0, 0);
  if (file >= 0) {
    read_lines(table, file);
    system_call(SYS_close, file, 0, 0, 0, 0, 0);
  }
  __atomic_store_n(&table->header.reading_modules, 0, __ATOMIC_RELEASE);
}

/* Code may have been unloaded and other code loaded in its place: the latest entry counts. */
const struct module *module_of(struct table *table, uint64_t pc) {
  for (uint64_t i = __atomic_load_n(&table->header.modules_used, __ATOMIC_ACQUIRE); i-- > 0;)
    if (pc >= table->modules[i].start && pc < table->modules[i].end) return &table->modules[i];
  return NULL;
}
