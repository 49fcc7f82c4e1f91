import { describe, expect, test } from 'vitest'
import { plainText, shorten } from '../../src/report/plain-text.ts'

describe('plainText', () => {
  test.each([
    ['colours', 'a\u001b[31mred\u001b[0m b', 'ared b'],
    ['a C1 introducer', 'a\u009b31mb', 'ab'],
    ['a title sequence', 'a\u001b]0;owned\u0007b', 'ab'],
    ['a link sequence', '\u001b]8;;http://evil\u001b\\click\u001b]8;;\u001b\\', 'click'],
    ['a sequence without an end', 'a\u001b]0;owned', 'a0;owned'],
    ['a cursor move', 'a\u001b[2J\u001b[1;1Hb', 'ab'],
    ['line breaks', 'a\r\nb\u2028c\u0085d', 'a b cd'],
    ['bells and backspaces', 'a\u0007b\u0008c\u0000d', 'abcd'],
    ['direction overrides', 'exe\u202egnp.txt\u2066x\u2069', 'exegnp.txtx'],
    ['invisible characters', 'a\u200b\u00ad\u2060b', 'ab'],
    ['lone surrogates', 'a\ud800b', 'ab'],
    ['piled marks', `a${'\u0301'.repeat(50)}b`, 'a\u0301\u0301\u0301b'],
    ['plain names', 'Größe 検索 (index.mjs:1:2) 🎉', 'Größe 検索 (index.mjs:1:2) 🎉'],
  ])('removes %s', (_, text, plain) => expect(plainText(text)).toBe(plain))

  test.each(['\u001b]', '\u009d', '\u001b[', '\u001b[1', '\u0301', '\u001bP\u009b'])(
    'reads 128 kB of %j in no time',
    (piece) => {
      const text = piece.repeat((128 << 10) / piece.length)
      const began = performance.now()
      expect(plainText(text).length).toBeLessThanOrEqual(300)
      expect(performance.now() - began).toBeLessThan(500)
    },
  )
})

test('shorten keeps both ends', () => {
  expect(shorten('abcdefghij', 10)).toBe('abcdefghij')
  expect(shorten('abcdefghijk', 6)).toBe('abc…jk')
  expect(shorten('🎉🎉🎉🎉🎉', 3)).toBe('🎉…🎉')
})
