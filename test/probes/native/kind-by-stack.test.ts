import { expect, it } from 'vitest'
import { kindByStack } from '../../../src/probes/native/kind-by-stack.ts'

type Kind = Parameters<typeof kindByStack>[0]

it.each<[string, Kind, string[], Kind]>([
  [
    "folly's Baton",
    'futex-lock',
    ['folly::detail::futexWaitImpl (Futex.cpp:250)', 'folly::Baton::wait (Baton.h:160)'],
    'park',
  ],
  [
    "Rust's mutex",
    'futex-lock',
    ['std::sys::sync::mutex::futex::Mutex::lock_contended (server)', 'serve (server)'],
    'futex-lock',
  ],
  [
    "Rust's, inlined",
    'futex-lock',
    ['lock (/rustc/1/library/std/src/sync/mutex.rs:5)', 'serve (main.rs:7)'],
    'futex-lock',
  ],
  ["Rust's park, inlined", 'futex-idle', ['std::thread::wait (server)', 'serve (server)'], 'futex-idle'],
  [
    'a program without symbols',
    'futex-lock',
    ['0x1f30 (server)', '0x2f30 (server)', '__libc_start_main (libc.so.6)'],
    'futex-lock',
  ],
  ['a process that is gone', 'futex-lock', ['/usr/bin/server+0x1f30'], 'futex-lock'],
  ['no stack', 'futex-lock', [], 'futex-lock'],
  ['no futex of its own', 'mutex', ['serve (main.cpp:7)'], 'mutex'],
])('%s', (_name, kind, frames, expected) => {
  expect(kindByStack(kind, frames)).toBe(expected)
})
