import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { median } from './bootstrap.ts'
import type { Kill } from './kill-attach.ts'
import type { Lane } from './kill-lane.ts'
import { textTable } from './text-table.ts'

const LANE = fileURLToPath(new URL('kill-lane.ts', import.meta.url))
/** Holdups of one network take turns, and a new network has no loopback yet. */
const OWN_NETWORK = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'] as const

/** Whether lanes can run side by side. */
export function canHaveOwnNetwork(): boolean {
  const [file, ...args] = [...OWN_NETWORK, 'true'] as const
  return spawnSync(file, args, { stdio: 'ignore' }).status === 0
}

/** Runs lanes on each fixture side by side, each in a network of its own where `own` says so. */
export async function killInLanes(
  lanes: readonly Lane[],
  own: boolean,
  onKill: (fixture: string, kill: Kill) => void,
): Promise<Map<string, Kill[]>> {
  const kills = new Map<string, Kill[]>(lanes.map(({ fixture }) => [fixture, []]))
  const run = async (lane: Lane) => {
    const args = [...(own ? OWN_NETWORK : []), process.execPath, '--import', import.meta.resolve('tsx'), LANE]
    const child = spawn(args[0] ?? '', [...args.slice(1), JSON.stringify(lane)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const kill = () => void child.kill()
    process.on('exit', kill)
    const exit = once(child, 'exit')
    for await (const line of createInterface({ input: child.stdout })) {
      const found = JSON.parse(line) as Kill
      kills.get(lane.fixture)?.push(found)
      onKill(lane.fixture, found)
    }
    const [code] = (await exit) as [number | null]
    process.off('exit', kill)
    if (code !== 0) throw new Error(`a lane on ${lane.fixture} ended with ${code}`)
  }
  if (own) await Promise.all(lanes.map(run))
  else for (const lane of lanes) await run(lane)
  return kills
}

/** No target was harmed, none left instrumented, no recording unreadable. */
export function isHarmless({ harmed, left, recording }: Kill): boolean {
  return harmed.length === 0 && left.length === 0 && recording !== 'unreadable'
}

export function killTable(kills: ReadonlyMap<string, readonly Kill[]>): string {
  const head = ['kills', ...kills.keys()]
  const count = (what: string, holds: (kill: Kill) => boolean) => [
    what,
    ...[...kills.values()].map((all) => String(all.filter(holds).length)),
  ]
  const ms = (what: string, of: (values: number[]) => number) => [
    what,
    ...[...kills.values()].map((all) => of(all.flatMap(({ cleanMs }) => cleanMs ?? [])).toFixed(0)),
  ]
  return textTable([
    head,
    count('in all', () => true),
    count('before the inspector opened', ({ phase }) => phase === 'before'),
    count('while it was open', ({ phase }) => phase === 'inspector open'),
    count('with the agent inside', ({ phase }) => phase === 'agent inside'),
    count('target harmed', ({ harmed }) => harmed.length > 0),
    count('left instrumented after 3 s', ({ left }) => left.length > 0),
    count('recordings', ({ recording }) => recording !== 'none'),
    count('of these unreadable', ({ recording }) => recording === 'unreadable'),
    ms('ms until clean, median', median),
    ms('ms until clean, longest', (values) => Math.max(...values)),
  ])
}
