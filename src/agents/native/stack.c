/* The stack of the calling thread, by the unwind tables, each rule computed once. Safe in a signal handler. */
#include "agent.h"

#define RULES 8192u
#define PROBES 8u
/* A frame of a megabyte is a rule that we got wrong. */
#define FRAME_BYTES (1ull << 20)

struct cached {
  uint64_t pc; /* with the generation above bit 48; 0 free, 1 being written */
  struct rule rule;
};

static struct cached rules[RULES];
static uint64_t generation;
static uint64_t read_at;

/* Some code was unloaded: other code may come to lie in its place. */
void forget_rules(void) {
  ADD(generation, 1);
}

/* The linker's names for where our code begins and ends. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char etext[] __attribute__((visibility("hidden")));

static int own_code(uint64_t pc) {
  return pc >= (uint64_t)__ehdr_start && pc < (uint64_t)etext;
}

/* Code that was loaded, or compiled, since the mappings were read. Not more than once in 100 ms: compilers of V8's kind go on. */
static const struct module *find_module(struct table *table, uint64_t pc) {
  const struct module *module = module_of(table, pc);
  /* JIT-compiled code and other libraries come to lie where one was unloaded. */
  if (module && module->eh_frame_hdr && !still_there(module)) module = NULL;
  uint64_t last = LOAD(read_at), time = module ? 0 : now();
  if (module || (last && time - last < 100000000)) return module;
  STORE(read_at, time);
  read_modules(table);
  module = module_of(table, pc);
  return module && module->eh_frame_hdr && !still_there(module) ? NULL : module;
}

/* Nobody needs an entry of code as it was before something was unloaded. */
static int is_free(uint64_t pc, uint64_t key) {
  return pc == 0 || (pc != 1 && pc >> 48 != key >> 48);
}

static struct rule look_up(struct table *table, uint64_t pc) {
  uint64_t key = pc | (LOAD(generation) & 0x7fff) << 48;
  uint64_t at = (pc * 0x9e3779b97f4a7c15ull) >> 51;
  for (unsigned i = 0; i < PROBES; i++) {
    struct cached *cached = &rules[(at + i) % RULES];
    uint64_t is = __atomic_load_n(&cached->pc, __ATOMIC_ACQUIRE);
    if (is == key) {
      struct rule rule = cached->rule;
      __atomic_thread_fence(__ATOMIC_ACQUIRE);
      if (LOAD(cached->pc) == key) return rule;
    }
    if (!is_free(is, key)) continue;
    /* The call is before the return address, which may be the next function's. */
    const struct module *module = find_module(table, pc - 1);
    struct rule rule = rule_for(module, pc - 1);
    /* Code that is not known yet will be when the mappings are read again, as long as there is room for more. */
    if (!module && LOAD(table->header.modules_used) < MODULES) return rule;
    if (__atomic_compare_exchange_n(&cached->pc, &is, 1, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
      __atomic_thread_fence(__ATOMIC_RELEASE);
      cached->rule = rule;
      __atomic_store_n(&cached->pc, key, __ATOMIC_RELEASE);
    }
    return rule;
  }
  return rule_for(find_module(table, pc - 1), pc - 1);
}

/* Whether a word that was taken for a return address may be one. Where there is no room for more mappings nobody knows. */
static int may_be_code(struct table *table, uint64_t pc) {
  return module_of(table, pc) || LOAD(table->header.modules_used) == MODULES || find_module(table, pc);
}

/* How far the stack that `sp` is on may be read. A coroutine's may end with its page. */
static uint64_t limit_of(uint64_t sp) {
  if (sp < self.stack_top && self.stack_top - sp <= self.stack_bytes) return self.stack_top;
  return (sp | 4095) + 1;
}

__attribute__((noinline)) uint32_t capture(struct table *table, uint64_t *frames, uint32_t most) {
  uint64_t pc, sp, fp;
#if defined(__x86_64__)
  __asm__ volatile("lea 0(%%rip), %0\n\tmov %%rsp, %1\n\tmov %%rbp, %2" : "=&r"(pc), "=&r"(sp), "=&r"(fp));
#else
  __asm__ volatile("adr %0, .\n\tmov %1, sp\n\tmov %2, x29" : "=&r"(pc), "=&r"(sp), "=&r"(fp));
#endif
  uint64_t limit = limit_of(sp);
  uint32_t depth = 0;
  for (unsigned steps = 0; depth < most && steps < DEPTH + 8; steps++) {
    struct rule rule = look_up(table, pc + (steps == 0));
    uint64_t cfa;
    int guessed = 0;
    if (rule.cfa_register && rule.ra_offset != NOT_SAVED) {
      cfa = (rule.cfa_register == 1 ? sp : fp) + (uint64_t)(int64_t)rule.cfa_offset;
    } else if (rule.cfa_register == 0 && depth > 0 && fp > sp && fp + 16 <= limit && fp % 8 == 0) {
      /* Compiled at run time: such code keeps frame pointers. */
      rule = (struct rule){16, -16, -8, 2};
      cfa = fp + 16;
      guessed = 1;
    } else {
      break;
    }
    if (cfa <= sp || cfa > limit || cfa - sp > FRAME_BYTES || cfa % 8 != 0) break;
    uint64_t ra_at = cfa + (uint64_t)(int64_t)rule.ra_offset, fp_at = cfa + (uint64_t)(int64_t)rule.fp_offset;
    if (ra_at < sp || ra_at + 8 > limit) break;
    pc = *(const uint64_t *)ra_at;
#if defined(__aarch64__)
    pc &= 0xffffffffffffull; /* without its signature */
#endif
    if (rule.fp_offset != NOT_SAVED) {
      if (fp_at < sp || fp_at + 8 > limit) break;
      fp = *(const uint64_t *)fp_at;
    }
    sp = cfa;
    if (pc < 4096 || (guessed && !may_be_code(table, pc - 1))) break;
    if (!own_code(pc)) frames[depth++] = pc;
    else if (depth > 0) break; /* the agent's start of a thread */
  }
  return depth;
}
