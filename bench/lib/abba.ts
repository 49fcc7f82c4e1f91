/**
 * Measures A and B in turn, A B · B A · A B · …, so that what drifts slowly (heat, neighbours on the machine) falls on
 * both alike.
 */
export async function abba<T>(pairs: number, a: () => Promise<T>, b: () => Promise<T>): Promise<{ a: T; b: T }[]> {
  const measured: { a: T; b: T }[] = []
  for (let pair = 0; pair < pairs; pair++) {
    if (pair % 2 === 0) {
      const first = await a()
      measured.push({ a: first, b: await b() })
    } else {
      const first = await b()
      measured.push({ a: await a(), b: first })
    }
  }
  return measured
}
