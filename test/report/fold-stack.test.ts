import { expect, test } from 'vitest'
import { foldedLines } from '../../src/report/fold-stack.ts'

const OWN = [
  'QuoteBook::quote (/srv/main.cpp:14)',
  'handle (/srv/main.cpp:40)',
  'serve (/srv/main.cpp:51)',
  'main (/srv/main.cpp:80)',
]
const LOCK = ['__lll_lock_wait (libc.so.6)', 'pthread_mutex_lock (libc.so.6)', 'std::mutex::lock (libstdc++.so.6)']
const lines = (stack: string[]) => foldedLines(stack, 3, (frame) => frame.split(' ')[0] ?? '')

test.each([
  [
    'begins at its leaf, then with the own code',
    [...LOCK, ...OWN],
    ['__lll_lock_wait', '… 2 of the runtime', 'QuoteBook::quote', 'handle', '… 2 more'],
  ],
  ['of the own code alone', OWN, ['QuoteBook::quote', 'handle', 'serve', '… 1 more']],
  [
    'of few frames of the runtime hides none',
    [...LOCK.slice(0, 2), ...OWN],
    ['__lll_lock_wait', 'pthread_mutex_lock', 'QuoteBook::quote', '… 3 more'],
  ],
  ['of the runtime alone', LOCK, ['__lll_lock_wait', 'pthread_mutex_lock', 'std::mutex::lock']],
  ['of nothing', [], []],
])('a stack %s', (_, stack, expected) => {
  expect(lines(stack)).toEqual(expected)
})
