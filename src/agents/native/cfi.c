/*
 * How to get from a frame to its caller's, from the unwind tables (.eh_frame) that compilers write for every function:
 * exact without frame pointers, and without libgcc's unwinder, which takes locks and may allocate.
 * Formats: Linux Standard Base, "Exception Frames"; DWARF 5, 6.4. What is not understood ends the stack.
 */
#include <string.h>

#include "agent.h"

#if defined(__x86_64__)
enum { FP_REGISTER = 6, SP_REGISTER = 7, RA_REGISTER = 16 };
#else
enum { FP_REGISTER = 29, SP_REGISTER = 31, RA_REGISTER = 30 };
#endif
enum { ENCODING_ABSENT = 0xff, ENCODING_PCREL = 0x10, ENCODING_SDATA4 = 0x0b, ENCODING_UDATA4 = 0x03 };
enum { REMEMBERED = 4 };

struct cie {
  const uint8_t *code, *end;
  uint64_t code_align;
  int64_t data_align;
  uint8_t encoding;
  int augmented, signal_frame;
};

static uint64_t read_u(const uint8_t **at, unsigned bytes) {
  uint64_t value = 0;
  memcpy(&value, *at, bytes);
  *at += bytes;
  return value;
}

static uint64_t read_uleb(const uint8_t **at) {
  uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    uint8_t byte = *(*at)++;
    if (shift < 64) value |= (uint64_t)(byte & 0x7f) << shift;
    if (!(byte & 0x80)) return value;
  }
}

static int64_t read_sleb(const uint8_t **at) {
  uint64_t value = 0;
  unsigned shift = 0;
  uint8_t byte;
  do {
    byte = *(*at)++;
    if (shift < 64) value |= (uint64_t)(byte & 0x7f) << shift;
    shift += 7;
  } while (byte & 0x80);
  if (shift < 64 && (byte & 0x40)) value |= ~0ull << shift;
  return (int64_t)value;
}

static unsigned encoded_bytes(uint8_t encoding) {
  switch (encoding & 0x07) {
    case 0x02: return 2;
    case 0x03: return 4;
    default: return 8;
  }
}

/* The FDE that the binary search table names for `pc`, or NULL. */
static const uint8_t *find_fde(const uint8_t *header, uint64_t pc) {
  const uint8_t *at = header;
  uint8_t version = at[0], pointer = at[1], count_encoding = at[2], table = at[3];
  if (version != 1 || count_encoding != ENCODING_UDATA4 || table != 0x3b) return NULL;
  at += 4 + encoded_bytes(pointer);
  uint64_t count = read_u(&at, 4);
  int32_t entry[2];
  uint64_t low = 0, high = count;
  while (low < high) {
    uint64_t middle = (low + high) / 2;
    memcpy(entry, at + middle * 8, 8);
    if ((uint64_t)((int64_t)header + entry[0]) <= pc) low = middle + 1;
    else high = middle;
  }
  if (low == 0) return NULL;
  memcpy(entry, at + (low - 1) * 8, 8);
  return (const uint8_t *)((int64_t)header + entry[1]);
}

/* 0 where it has what we don't know. */
static int read_cie(const uint8_t *at, struct cie *cie) {
  uint64_t length = read_u(&at, 4);
  if (length == 0xffffffff) return 0;
  cie->end = at + length;
  if (read_u(&at, 4) != 0) return 0;
  uint8_t version = *at++;
  const char *augmentation = (const char *)at;
  at += strlen(augmentation) + 1;
  cie->code_align = read_uleb(&at);
  cie->data_align = read_sleb(&at);
  uint64_t ra = version == 1 ? *at++ : read_uleb(&at);
  cie->encoding = 0;
  cie->augmented = augmentation[0] == 'z';
  cie->signal_frame = 0;
  if (ra != RA_REGISTER || (augmentation[0] && !cie->augmented)) return 0;
  if (!cie->augmented) return cie->code = at, 1;
  uint64_t bytes = read_uleb(&at);
  cie->code = at + bytes;
  for (const char *letter = augmentation + 1; *letter; letter++) {
    if (*letter == 'R') cie->encoding = *at++;
    else if (*letter == 'L') at++;
    else if (*letter == 'P') {
      uint8_t encoding = *at++;
      at += encoded_bytes(encoding);
    } else if (*letter == 'S') cie->signal_frame = 1;
    else if (*letter != 'B') return 0;
  }
  return 1;
}

static void set(struct rule *rule, uint64_t reg, int64_t offset) {
  int16_t kept = offset > INT16_MIN && offset <= INT16_MAX ? (int16_t)offset : NOT_SAVED;
  if (reg == FP_REGISTER) rule->fp_offset = kept;
  if (reg == RA_REGISTER) rule->ra_offset = kept;
}

static void set_cfa(struct rule *rule, uint64_t reg, int64_t offset) {
  rule->cfa_register = reg == SP_REGISTER ? 1 : reg == FP_REGISTER ? 2 : 0;
  rule->cfa_offset = (int32_t)offset;
}

/* Runs call frame instructions up to `target` bytes into the function; 0 at one that we don't know. */
static int run(const uint8_t *at, const uint8_t *end, const struct cie *cie, uint64_t target, struct rule *rule,
               const struct rule *initial) {
  struct rule remembered[REMEMBERED];
  unsigned depth = 0;
  uint64_t location = 0, reg;
  while (at < end) {
    uint8_t op = *at++, low = op & 0x3f;
    switch (op & 0xc0) {
      case 0x40: /* advance_loc */
        location += low * cie->code_align;
        if (location > target) return 1;
        continue;
      case 0x80: /* offset */
        set(rule, low, (int64_t)read_uleb(&at) * cie->data_align);
        continue;
      case 0xc0: /* restore */
        if (low == FP_REGISTER) rule->fp_offset = initial->fp_offset;
        if (low == RA_REGISTER) rule->ra_offset = initial->ra_offset;
        continue;
    }
    switch (op) {
      case 0x00: /* nop */
      case 0x2d: /* GNU_window_save; arm64: the return address is signed or no longer is */
        break;
      case 0x02: /* advance_loc1, 2, 4 */
      case 0x03:
      case 0x04:
        location += read_u(&at, op == 0x04 ? 4 : op - 1u) * cie->code_align;
        if (location > target) return 1;
        break;
      case 0x05: /* offset_extended */
        reg = read_uleb(&at);
        set(rule, reg, (int64_t)read_uleb(&at) * cie->data_align);
        break;
      case 0x11: /* offset_extended_sf */
        reg = read_uleb(&at);
        set(rule, reg, read_sleb(&at) * cie->data_align);
        break;
      case 0x06: /* restore_extended */
        reg = read_uleb(&at);
        if (reg == FP_REGISTER) rule->fp_offset = initial->fp_offset;
        if (reg == RA_REGISTER) rule->ra_offset = initial->ra_offset;
        break;
      case 0x07: /* undefined: of the return address, the outermost frame */
      case 0x08: /* same_value */
        set(rule, read_uleb(&at), NOT_SAVED);
        break;
      case 0x0a: /* remember_state */
        if (depth == REMEMBERED) return 0;
        remembered[depth++] = *rule;
        break;
      case 0x0b: /* restore_state */
        if (depth == 0) return 0;
        *rule = remembered[--depth];
        break;
      case 0x0c: /* def_cfa */
        reg = read_uleb(&at);
        set_cfa(rule, reg, (int64_t)read_uleb(&at));
        break;
      case 0x12: /* def_cfa_sf */
        reg = read_uleb(&at);
        set_cfa(rule, reg, read_sleb(&at) * cie->data_align);
        break;
      case 0x0d: /* def_cfa_register */
        set_cfa(rule, read_uleb(&at), rule->cfa_offset);
        break;
      case 0x0e: /* def_cfa_offset */
        rule->cfa_offset = (int32_t)read_uleb(&at);
        break;
      case 0x13: /* def_cfa_offset_sf */
        rule->cfa_offset = (int32_t)(read_sleb(&at) * cie->data_align);
        break;
      case 0x0f: /* def_cfa_expression */
        rule->cfa_register = 0;
        reg = read_uleb(&at);
        at += reg;
        break;
      case 0x10: /* expression */
      case 0x16: { /* val_expression */
        set(rule, read_uleb(&at), NOT_SAVED);
        uint64_t bytes = read_uleb(&at);
        at += bytes;
        break;
      }
      case 0x2e: /* GNU_args_size */
        read_uleb(&at);
        break;
      default: return 0;
    }
  }
  return 1;
}

struct rule rule_for(const struct module *module, uint64_t pc) {
  const struct rule none = {0, NOT_SAVED, NOT_SAVED, 0};
  struct rule rule = none;
  if (!module || !module->eh_frame_hdr) return none;
  const uint8_t *at = find_fde((const uint8_t *)module->eh_frame_hdr, pc);
  if (!at) return none;
  uint64_t length = read_u(&at, 4);
  if (length == 0 || length == 0xffffffff) return none;
  const uint8_t *end = at + length, *cie_at = at;
  cie_at -= read_u(&at, 4);
  struct cie cie;
  if (!read_cie(cie_at, &cie) || cie.encoding != (ENCODING_PCREL | ENCODING_SDATA4)) return none;
  uint64_t start = (uint64_t)((int64_t)at + (int32_t)read_u(&at, 4));
  uint64_t bytes = read_u(&at, 4);
  if (pc < start || pc >= start + bytes) return none;
  if (cie.augmented) {
    uint64_t skipped = read_uleb(&at);
    at += skipped;
  }
  if (!run(cie.code, cie.end, &cie, UINT64_MAX, &rule, &none)) return none;
  struct rule initial = rule;
  if (!run(at, end, &cie, pc - start, &rule, &initial)) return none;
  return rule;
}
