/* Places in the program, found by hash. */
#include <string.h>

#include "agent.h"

#define PROBES 32u

static uint64_t hash_of(uint32_t kind, uint64_t address, const uint64_t *frames, uint32_t depth) {
  uint64_t hash = (address ^ kind) * 0x9e3779b97f4a7c15ull;
  for (uint32_t i = 0; i < depth; i++) hash = (hash ^ frames[i] ^ hash >> 29) * 0x9e3779b97f4a7c15ull;
  return hash ^ hash >> 32 ? hash ^ hash >> 32 : 1;
}

/* What does not fit is counted with the others of its kind. */
static struct site *overflow(struct table *table, uint32_t kind) {
  ADD(table->header.lost_sites, 1);
  return &table->sites[kind];
}

static uint64_t new_site(struct table *table, uint64_t hash, uint32_t kind, uint64_t address, const uint64_t *frames,
                         uint32_t depth) {
  if (LOAD(table->header.sites_used) >= SITES) return 0;
  uint64_t at = ADD(table->header.sites_used, 1);
  if (at >= SITES) {
    STORE(table->header.sites_used, SITES);
    return 0;
  }
  struct site *site = &table->sites[at];
  if (!usable(table, site)) return 0;
  site->address = address;
  site->kind = kind;
  site->depth = depth;
  memcpy(site->frames, frames, depth * sizeof *frames);
  __atomic_store_n(&site->hash, hash, __ATOMIC_RELEASE);
  return at;
}

struct site *site_of(struct table *table, uint32_t kind, uint64_t address, const uint64_t *frames, uint32_t depth) {
  uint64_t hash = hash_of(kind, address, frames, depth), created = 0;
  for (unsigned i = 0; i < PROBES; i++) {
    uint16_t *entry = &table->index[(hash + i) % SITE_INDEX];
    uint16_t at = __atomic_load_n(entry, __ATOMIC_ACQUIRE);
    if (!at) {
      if (!created && !(created = new_site(table, hash, kind, address, frames, depth))) return overflow(table, kind);
      if (__atomic_compare_exchange_n(entry, &at, (uint16_t)created, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return &table->sites[created];
    }
    if (LOAD(table->sites[at].hash) != hash) continue;
    if (created) STORE(table->sites[created].hash, 0); /* another thread was first: ours stays empty */
    return &table->sites[at];
  }
  return overflow(table, kind);
}

struct site *site_here(struct table *table, uint32_t kind, uint64_t address) {
  uint64_t frames[DEPTH];
  uint32_t depth = capture(table, frames, DEPTH);
  return site_of(table, kind, address, frames, depth);
}

void count_at(struct site *site, uint64_t nanos) {
  ADD(site->count, 1);
  ADD(site->nanos, nanos);
  ADD(site->buckets[bucket_of(nanos)], 1);
  uint64_t longest = LOAD(site->longest);
  while (nanos > longest)
    if (__atomic_compare_exchange_n(&site->longest, &longest, nanos, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) break;
}
