/** Records of every kind, made from the schemas themselves, so that a new kind or field is in every test at once. */
import { recordSchemas } from '../../src/recording/schema.ts'
import type { AnyRecord, Header, RecordKind } from '../../src/recording/schema.ts'

/** Mulberry32: the same numbers at every run. */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Node {
  type: string
  entries?: Record<string, Node>
  item?: Node
  items?: Node[]
  wrapped?: Node
  literal?: unknown
  options?: unknown[]
  pipe?: { type: string; requirement?: unknown }[]
}

/** Neither string, stack nor end: those the writer makes itself. */
export const KINDS = (Object.keys(recordSchemas) as RecordKind[]).filter(
  (kind) => !['string', 'stack', 'end'].includes(kind),
)

const TEXTS = [
  '',
  'main',
  'libuv-worker',
  '</script><script>',
  '\u001b[31mred',
  'größer 🐢',
  '__proto__',
  'a'.repeat(300),
]

/** A valid record of `kind` at `t`. */
export function generateRecord(kind: RecordKind, t: number, random: () => number): AnyRecord {
  return { ...(generate(recordSchemas[kind] as unknown as Node, random) as AnyRecord), t } as AnyRecord
}

/** `count` records in order of `t`, kinds in turn. */
export function generateRecords(
  count: number,
  random: () => number,
  kinds: readonly RecordKind[] = KINDS,
): AnyRecord[] {
  return Array.from({ length: count }, (_, index) =>
    generateRecord(kinds[index % kinds.length] ?? 'mark', index * 1.5, random),
  )
}

function generate(node: Node, random: () => number): unknown {
  const integer = node.pipe?.some(({ type }) => type === 'integer') ?? false
  const most = node.pipe?.find(({ type }) => type === 'max_length')?.requirement as number | undefined
  switch (node.type) {
    case 'number':
      return integer
        ? Math.floor(random() * 40)
        : pick([0, random(), random() * 1e6, Math.floor(random() * 1e9)], random)
    case 'string':
      return pick(TEXTS, random).slice(0, most)
    case 'boolean':
      return random() < 0.5
    case 'literal':
      return node.literal
    case 'picklist':
      return pick(node.options ?? [], random)
    case 'nullable':
      return random() < 0.3 ? null : generate(inner(node), random)
    case 'array':
      return Array.from({ length: Math.floor(random() * 8) }, () => generate(node.item ?? inner(node), random))
    case 'tuple':
      return (node.items ?? []).map((item) => generate(item, random))
    case 'object': {
      const present = Object.entries(node.entries ?? {}).filter(
        ([, entry]) => entry.type !== 'optional' || random() < 0.5,
      )
      return Object.fromEntries(
        present.map(([name, entry]) => [name, generate(entry.type === 'optional' ? inner(entry) : entry, random)]),
      )
    }
    default:
      throw new Error(`the generator knows no ${node.type}: add it`)
  }
}

function inner({ wrapped }: Node): Node {
  if (!wrapped) throw new Error('nothing is wrapped')
  return wrapped
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T
}

export const HEADER: Header = {
  format: 'holdup-recording',
  version: 2,
  holdup: '0.1.0',
  startedAt: 1_700_000_000_000,
  monotonicMs: 5000,
  target: { pid: 100, command: 'node server.js', attached: false },
  host: {
    cores: 2,
    platform: 'linux',
    arch: 'x64',
    kernel: '6.18',
    memoryBytes: 8e9,
    cgroupCpuLimit: null,
    tickMs: 10,
  },
  options: { warmupMs: 0, cpuProfileMs: 5 },
  probes: [{ id: 'proc', fidelity: 'sampled', signals: ['cpu'] }],
}
