/** CPU and waits of all threads in one flamegraph: what the time goes to in which nobody is idle. */
import type { Report } from '../../model.ts'
import type { Frame } from './flame-data.ts'
import type { Picked } from './selection.ts'

/** What threads do that are not idle, by the kind of a flamegraph. */
const DOINGS = { cpu: '(on CPU)', 'lock-wait': '(waits for locks)', 'off-cpu': '(I/O and sleep)' }

type Flame = Report['flames'][number]

/** A flamegraph as it is drawn, of all the time or of the stretch that is picked; `known`: whether it is known by time. */
export interface Drawn {
  root: Frame
  known: boolean
}

/** One more choice of flamegraph, made of those that `drawn` gives; none where it would be that of the CPU again. */
export function wallClock(flames: readonly Flame[], drawn: (flame: Flame, range: Picked) => Drawn) {
  const parts = Object.entries(DOINGS).flatMap(([kind, name]) => {
    const same = flames.filter((flame) => flame.kind === kind && flame.unit === 'ms')
    return same.length > 0 ? [{ name, same }] : []
  })
  if (parts.length < 2) return []
  const draw = (range: Picked): Drawn => {
    const doings = parts.map(({ name, same }) => ({ name, trees: same.map((flame) => drawn(flame, range)) }))
    const children = doings.map(({ name, trees }) =>
      asOne(
        name,
        trees.map(({ root }) => root),
      ),
    )
    const known = doings.every(({ trees }) => trees.every((tree) => tree.known))
    return { root: asOne('all threads', children), known }
  }
  const total = parts.flatMap(({ same }) => same).reduce((sum, { root }) => sum + root[2], 0)
  return [{ name: 'Wall clock without idle time', unit: 'ms', total, draw }]
}

/** The only tree under another name, or all of them below a frame of that name. */
function asOne(name: string, trees: readonly Frame[]): Frame {
  const [first, ...others] = trees
  if (first && others.length === 0) return { ...first, name }
  return { name, total: trees.reduce((sum, { total }) => sum + total, 0), self: 0, children: [...trees] }
}
