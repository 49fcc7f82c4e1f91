import { describe, expect, it } from 'vitest'
import type { Lock } from '../../src/analysis/signals.ts'
import { isInCacheRead } from '../../src/analysis/lock-places.ts'
import { hotCacheLock } from '../../src/detectors/hot-cache-lock.ts'
import { evidenceOf, findingOf, lock, verdictOf } from '../support/signals.ts'

const GET = [
  'pthread_mutex_lock (libc.so.6)',
  'AnswerCache::get(std::string const&) (main.cpp:30)',
  'search (main.cpp:80)',
]
const PUT = [
  'pthread_mutex_lock (libc.so.6)',
  'AnswerCache::put(std::string const&) (main.cpp:40)',
  'search (main.cpp:84)',
]
const NAME = 'mutex waited for in get (main.cpp:30), called by search'

/** Threads that wait so many seconds to read a cache, and so many to fill it. */
const cache = (reading: number, filling: number, values: Partial<Lock> = {}, ratio = 0.6) => ({
  lockWait: {
    ratio,
    seconds: 60,
    locks: [
      lock({
        name: NAME,
        waiters: [
          { stack: GET, seconds: reading },
          { stack: PUT, seconds: filling },
        ],
        ...values,
      }),
    ],
  },
})

describe('limits', () => {
  it.each([
    ['all wait to read', cache(60, 0), 'critical'],
    ['half of the wait', cache(30, 30), 'critical'],
    ['just under half', cache(29.9, 30.1), 'clean'],
    ['held up just under the limit', cache(60, 0, { heldUp: 0.49 }), 'clean'],
    ['held up at the limit', cache(60, 0, { heldUp: 0.5 }), 'critical'],
    ['a single waiter', cache(60, 0, { waiterThreads: 1 }), 'clean'],
    ['two waiters', cache(60, 0, { waiterThreads: 2 }), 'critical'],
    ['share of wait just under the limit', cache(60, 0, {}, 0.099), 'clean'],
    ['share of wait at the limit', cache(60, 0, {}, 0.1), 'warning'],
    ['share of wait at critical', cache(60, 0, {}, 0.5), 'critical'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(hotCacheLock, ills)).toBe(expected)
  })
})

describe('look-alikes', () => {
  it.each([
    ['no lock at all', {}],
    ['misses that fill the cache', cache(0, 60)],
    ['threads that wait for work', cache(60, 0, { role: 'idle' })],
    ['once each: a cold start', { ...cache(60, 0, { waits: 16 }), threads: { peak: 20 } }],
    ['a lock of something else', { lockWait: { ratio: 0.6, seconds: 60, locks: [lock()] } }],
  ])('%s', (_, ills) => {
    expect(verdictOf(hotCacheLock, ills)).toBe('clean')
  })
})

describe('names', () => {
  it.each([
    'lru::LruCache<K,V,S>::get (lib.rs:412)',
    'search::cached_lookup (main.rs:40)',
    'lookupCached (/srv/app/search.mjs:12:3)',
    'get (/srv/app/lru.mjs:20:5)',
    'search.QueryCache.find (QueryCache.java:31)',
    'com.google.common.cache.LocalCache$Segment.get (LocalCache.java:2111)',
    'main.(*Cache).Get (cache.go:20)',
    'cache_get (cache.c:90)',
  ])('%s reads a cache', (frame) => {
    expect(isInCacheRead(['pthread_mutex_lock (libc.so.6)', frame, 'main (main.cpp:1)'])).toBe(true)
  })

  it.each([
    'AnswerCache::put(std::string const&) (main.cpp:40)',
    'Index::get (index.cpp:10)',
    'cachet::get (index.cpp:10)',
    'get (/srv/app/memory.mjs:20:5)',
    'Pool.search (Pool.java:9)',
    'fetch_answer (store.cpp:20)',
    'get (search-cache)',
  ])('%s does not', (frame) => {
    expect(isInCacheRead(['pthread_mutex_lock (libc.so.6)', frame, 'main (main.cpp:1)'])).toBe(false)
  })

  it('also through the wrapper of a lock', () => {
    const wrapped = ['timed_lock (lock.h:22)', 'TimedGuard::TimedGuard (lock.h:37)', 'BlockCache::get (cache.cpp:30)']
    expect(isInCacheRead(wrapped)).toBe(true)
    expect(
      isInCacheRead(['Mutex.#wait (/srv/mutex.mjs:45:3)', 'Mutex.lock (/srv/mutex.mjs:9:3)', 'get (/srv/lru.mjs:2:1)']),
    ).toBe(true)
  })

  it('further up everything may be called from one', () => {
    expect(isInCacheRead(['lock (a.cpp:1)', 'load (a.cpp:9)', 'Cache::get (cache.cpp:30)'])).toBe(false)
  })
})

it('says who waits, for which lock, and how much of their time', () => {
  const finding = findingOf(hotCacheLock, cache(60, 0))
  expect(finding.summary).toBe(
    `6 threads on average wait to read a cache (limit 0.5), for the ${NAME}: 60 % of the time of threads that use locks (limit 10 %), and the more it hits, the more of them stand there.`,
  )
  expect(evidenceOf(finding, 'held')).toBe(0.95)
  expect(finding.where[0]).toMatchObject({ role: 'waiters', stack: GET })
  expect(finding.locks).toEqual(['L1'])
})
