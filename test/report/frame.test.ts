import { expect, test } from 'vitest'
import { frameText, splitFrame } from '../../src/report/frame.ts'

test.each([
  ['search (index.mjs:3:1)', { name: 'search', place: 'index.mjs:3:1' }],
  ['search (file:///srv/index.mjs:3:1)', { name: 'search', place: '/srv/index.mjs:3:1' }],
  ['(anonymous) (node:events:518:28)', { name: '(anonymous)', place: 'node:events:518:28' }],
  ['(garbage collector)', { name: '(garbage collector)', place: '' }],
  ['writeBuffer', { name: 'writeBuffer', place: '' }],
  ['', { name: '', place: '' }],
])('%s', (frame, parts) => expect(splitFrame(frame)).toEqual(parts))

test('a frame on one line is without the scheme', () => {
  expect(frameText('search (file:///srv/index.mjs:3:1)')).toBe('search (/srv/index.mjs:3:1)')
  expect(frameText('(program)')).toBe('(program)')
})
