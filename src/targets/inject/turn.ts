import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A name in the network namespace, where the port is too; free again when its holder dies. */
const NAME = '\0holdup-inspector'
const LOOK_EVERY_MS = 20
const WITHIN_MS = 10_000

/**
 * One holdup at a time opens an inspector in a network namespace: each opens on the same port. Gives up waiting after
 * 10 s, for the port itself still tells.
 */
export async function takeTurn(): Promise<{ release(): void }> {
  const end = performance.now() + WITHIN_MS
  for (;;) {
    const held = await holdName(NAME)
    if (held || performance.now() > end) return { release: () => held?.release() }
    await sleep(LOOK_EVERY_MS)
  }
}

/** Only one process in a network namespace holds a name at a time; null: another does. */
export async function holdName(name: string): Promise<{ release(): void } | null> {
  const server = createServer()
  const taken = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(true))
    server.listen(name, () => resolve(false))
  })
  return taken ? null : { release: () => void server.close() }
}
