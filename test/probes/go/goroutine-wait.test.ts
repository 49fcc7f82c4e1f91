import { expect, test } from 'vitest'
import { doingOf, lockCrowds, placeOf, waitOf } from '../../../src/probes/go/goroutine-wait.ts'

const park = ['runtime.gopark (proc.go:462)', 'runtime.semacquire1 (sema.go:188)']
const search = ['main.(*service).search (main.go:22)', 'net/http.HandlerFunc.ServeHTTP (server.go:2286)']
const mutex = [
  'internal/sync.runtime_SemacquireMutex (sema.go:95)',
  'internal/sync.(*Mutex).lockSlow (mutex.go:149)',
  'internal/sync.(*Mutex).Lock (mutex.go:70)',
]

test.each([
  ['a mutex', [...park, ...mutex, 'sync.(*Mutex).Lock (mutex.go:46)', ...search], 'mutex'],
  ['to write', [...park, ...mutex, 'sync.(*RWMutex).Lock (rwmutex.go:153)', ...search], 'rwlock-write'],
  [
    'to read',
    [...park, 'sync.runtime_SemacquireRWMutexR (sema.go:100)', 'sync.(*RWMutex).RLock (rwmutex.go:74)', ...search],
    'rwlock-read',
  ],
  [
    'a channel',
    [
      'runtime.gopark (proc.go:462)',
      'runtime.chanrecv (chan.go:667)',
      'runtime.chanrecv2 (chan.go:514)',
      'main.main.func1 (main.go:15)',
    ],
    'condition',
  ],
  ['room in a channel', ['runtime.gopark (proc.go:462)', 'runtime.chansend (chan.go:283)', ...search], 'park'],
  [
    'I/O',
    [
      'runtime.gopark (proc.go:462)',
      'runtime.netpollblock (netpoll.go:575)',
      'internal/poll.runtime_pollWait (netpoll.go:351)',
      ...search,
    ],
    'condition',
  ],
  ['nothing', ['main.(*Index).Rank (index.go:80)', ...search], undefined],
  ['a lock that its caller holds', ['main.rank (main.go:9)', 'sync.(*Once).Do (once.go:78)'], undefined],
])('a goroutine waits for %s', (_, stack, kind) => {
  expect(waitOf(stack)?.kind).toBe(kind)
})

test('a lock is told by the function that takes it', () => {
  expect(placeOf([...park, ...mutex, ...search])).toBe('main.(*service).search')
})

const waiter = [...park, ...mutex, 'sync.(*Mutex).Lock (mutex.go:46)', ...search]
const sleeper = ['runtime.gopark (proc.go:462)', 'time.Sleep (time.go:363)', 'main.(*service).search (main.go:24)']
const other = ['runtime.gopark (proc.go:462)', 'time.Sleep (time.go:363)', 'main.main (main.go:40)']
const LOCK = 'main.(*service).search'

test.each([
  ['the only one in the function that does not wait', [{ stack: sleeper, n: 1 }], sleeper],
  ['nobody, of two', [{ stack: sleeper, n: 2 }], null],
  [
    'nobody, of two that do different things',
    [
      { stack: sleeper, n: 1 },
      { stack: search, n: 1 },
    ],
    null,
  ],
  ['nobody, where all wait', [], null],
])('the holder of a lock is %s', (_, inside, holder) => {
  const goroutines = [{ stack: waiter, n: 31 }, { stack: other, n: 4 }, ...inside]
  expect(lockCrowds(goroutines)).toEqual([{ lock: LOCK, holder }])
})

test('no holder is looked for where nobody waits for a lock', () => {
  expect(lockCrowds([{ stack: sleeper, n: 1 }])).toEqual([])
})

test.each([
  [sleeper, 'time.Sleep'],
  [search, 'running'],
  [['runtime.gopark (proc.go:462)', 'runtime.chanrecv1 (chan.go:509)', ...search], 'receive from a channel'],
  [
    [
      'runtime.gopark (proc.go:462)',
      'internal/poll.runtime_pollWait (netpoll.go:351)',
      'net.(*conn).Read (net.go:196)',
    ],
    'net.(*conn).Read',
  ],
])('%j does: %s', (stack, doing) => {
  expect(doingOf(stack)).toBe(doing)
})
