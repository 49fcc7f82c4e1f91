import { expect, test } from 'vitest'
import { abba } from '../../bench/lib/abba.ts'

test('measures A B B A A B, one after the other, and pairs each A with its B', async () => {
  const order: string[] = []
  let running = 0
  const measure = (name: string) => async () => {
    expect(++running).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 1))
    running--
    order.push(name)
    return order.length
  }
  const pairs = await abba(3, measure('a'), measure('b'))
  expect(order.join('')).toBe('abbaab')
  expect(pairs).toEqual([
    { a: 1, b: 2 },
    { a: 4, b: 3 },
    { a: 5, b: 6 },
  ])
})

test('a drift that is linear in time cancels', async () => {
  let time = 0
  const measure = (cost: number) => async () => cost + 0.1 * time++
  const pairs = await abba(24, measure(10), measure(10))
  const sum = pairs.reduce((sum, { a, b }) => sum + b - a, 0)
  expect(sum).toBeCloseTo(0, 10)
})
