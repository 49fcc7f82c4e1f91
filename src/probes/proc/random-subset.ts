/** `most` items of a list chosen at random, all of them where there are no more. The list is left in another order. */
export function randomSubset<T>(items: T[], most: number): T[] {
  if (items.length <= most) return items
  for (let i = 0; i < most; i++) {
    const j = i + Math.floor(Math.random() * (items.length - i))
    const chosen = items[j] as T
    items[j] = items[i] as T
    items[i] = chosen
  }
  return items.slice(0, most)
}
