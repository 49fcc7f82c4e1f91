import { describe, expect, it } from 'vitest'
import type { Lock } from '../../src/analysis/signals.ts'
import { synchronousLoggerLock } from '../../src/detectors/synchronous-logger-lock.ts'
import { findingOf, lock, verdictOf } from '../support/signals.ts'

const WRITE = ['write (libc.so.6)', 'Logger::append (/srv/log.cpp:30)', 'handle (/srv/main.cpp:9)']
const blocked = (share: number, stack = WRITE): Lock['holderBlocked'] => ({ share, behindLock: 0, in: 'write', stack })
const waits = (...stack: string[]): Lock['waiters'] => [{ stack, seconds: 60 }]
/** A lock whose waiters stand in a logger. */
const logged = (values: Partial<Lock> = {}, ratio = 0.6) => {
  const waiters = waits('pthread_mutex_lock (libc.so.6)', 'Logger::info (/srv/log.cpp:20)', 'handle (/srv/main.cpp:9)')
  return {
    lockWait: {
      ratio,
      seconds: 60,
      locks: [lock({ waiters, holderBlocked: blocked(0.9), holdPerSecond: 0.8, ...values })],
    },
  }
}
const RUST = waits('std::sys::sync::mutex::futex::Mutex::lock_contended (server)', 'std::io::stdio::_print (server)')

describe('limits', () => {
  it.each([
    ['held up just under the limit', logged({ heldUp: 0.49 }), 'clean'],
    ['held up at the limit', logged({ heldUp: 0.5 }), 'critical'],
    ['a single waiter', logged({ waiterThreads: 1 }), 'clean'],
    ['share of wait just under the limit', logged({}, 0.099), 'clean'],
    ['share of wait at the limit', logged({}, 0.1), 'warning'],
    ['share of wait at critical', logged({}, 0.5), 'critical'],
    ['held just under the limit', logged({ holdPerSecond: 0.29 }), 'clean'],
    ['held at the limit', logged({ holdPerSecond: 0.3 }), 'critical'],
    ['hold unknown', logged({ holdPerSecond: null }), 'critical'],
    ['its holder blocked just under half of the time', logged({ holderBlocked: blocked(0.49) }), 'clean'],
    ['half of the time', logged({ holderBlocked: blocked(0.5) }), 'critical'],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(synchronousLoggerLock, ills)).toBe(expected)
  })
})

describe('what is a log', () => {
  const elsewhere = waits('pthread_mutex_lock (libc.so.6)', 'fetch (/srv/store.cpp:9)')
  it.each([
    ['where the holder is blocked', logged({ waiters: elsewhere }), 'critical'],
    [
      'neither waiters nor holder are in one',
      logged({ waiters: elsewhere, holderBlocked: blocked(0.9, ['read']) }),
      'clean',
    ],
    [
      'stripped: nothing has a name',
      logged({ waiters: waits('0x10 (sync-logger)'), holderBlocked: blocked(0.9, ['write (libc.so.6)']) }),
      'clean',
    ],
    [
      'the lock of standard output in Rust, whose holder is unknown',
      logged({ waiters: RUST, holderBlocked: null }),
      'critical',
    ],
    [
      'the lock of a FILE, whose holder is unknown',
      logged({ waiters: waits('__lll_lock_wait_private (libc.so.6)', 'fwrite (libc.so.6)'), holderBlocked: null }),
      'critical',
    ],
    ['a logger of which nobody knows whether it writes under its lock', logged({ holderBlocked: null }), 'clean'],
    [
      'a login is no log',
      logged({ waiters: waits('login (/srv/catalog.cpp:3)'), holderBlocked: blocked(1, ['read']) }),
      'clean',
    ],
  ])('%s', (_, ills, expected) => {
    expect(verdictOf(synchronousLoggerLock, ills)).toBe(expected)
  })
})

it('says what the writer is blocked in', () => {
  const finding = findingOf(synchronousLoggerLock, logged())
  expect(finding.summary).toBe(
    '6 threads on average wait to write to the log (limit 0.5), for the mutex waited for in lock (mutex.mjs:20), called by search, while the thread that writes is blocked in write, in 90 % of the samples of it (limit 50 %).',
  )
  expect(finding.where[0]).toEqual({ role: 'holder, blocked', stack: WRITE })
})
