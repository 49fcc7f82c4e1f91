/** Programs that nobody here wrote: what is well configured and busy is healthy, a thread for each query is found. */
import { execFile } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readRecording } from '../../src/recording/read.ts'
import type { Report } from '../../src/report/model.ts'
import { CLI } from '../support/cli.ts'
import { asUser, has, launchServer, mariadb, nginx, type Package, postgresql, redis } from '../support/debian.ts'
import { type Server, startServer, threadsCreated, underLoad } from '../support/debian.ts'

const SECONDS = 7
const PREPARE_MS = 60_000
/** A neighbour's burst may spoil one run. */
const options = { timeout: PREPARE_MS, retry: 1 }
const isRoot = process.geteuid?.() === 0

/** Rejects where it fails. */
const run = ([file = '', ...args]: readonly string[]) => promisify(execFile)(file, args)

function reportIn(out: string): Report {
  return JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report
}

/** Of the server: that holdup's sweeps came late is the fault of the machine's other users. */
function faults({ results }: Report): string[] {
  return results
    .filter(({ id }) => id !== 'profiler-starved')
    .flatMap(({ id, findings }) =>
      findings.flatMap(({ severity, summary }) => (severity === 'info' ? [] : [`${id}: ${summary}`])),
    )
}

/** Attaches as who asks, or as an ordinary user. */
async function attached(server: Server, as: 'root' | 'user', load: boolean): Promise<Report> {
  const { pid, stop } = await startServer(server)
  const out = join(server.folder, `attached-${process.hrtime.bigint()}`)
  const holdup = [process.execPath, CLI, 'attach', String(pid), '--quiet', '-d', `${SECONDS}s`, '-o', out]
  const recorded = sleep(300).then(() => run(as === 'user' ? asUser(holdup, server.folder) : holdup))
  try {
    await (load ? underLoad(server, recorded) : recorded)
  } finally {
    await stop()
  }
  return reportIn(out)
}

async function launched(server: Server, load: boolean): Promise<Report> {
  const { out, done } = await launchServer(server, SECONDS)
  await (load ? underLoad(server, done) : done)
  return reportIn(out)
}

/** Describes it with a server of its own, made once. */
function describeServer(debian: Package, tests: (server: () => Server) => void): void {
  describe.skipIf(!has(debian))(`${debian.name} (needs ${debian.needs.join(', ')})`, options, () => {
    let server: Server | undefined
    beforeAll(async () => void (server = await debian.make()), PREPARE_MS)
    afterAll(() => server && rmSync(server.folder, { recursive: true, force: true }))
    tests(() => server as Server)
  })
}

for (const debian of [redis, nginx, postgresql]) {
  describeServer(debian, (server) => {
    it('launched, busy: healthy', async () => {
      const report = await launched(server(), true)
      expect(faults(report)).toEqual([])
      expect(report.signals.cpu?.cores).toBeGreaterThan(0.2)
    })

    it('launched, at rest: no verdict, and no more than that', async () => {
      expect(faults(await launched(server(), false))).toEqual([expect.stringMatching(/^no-load: No request/)])
    })

    it.skipIf(!isRoot)('attached to as root, busy: healthy', async () => {
      expect(faults(await attached(server(), 'root', true))).toEqual([])
    })

    it('attached to without root, busy: healthy', async () => {
      const report = await attached(server(), 'user', true)
      expect(faults(report)).toEqual([])
      expect(report.recording.probes.find(({ id }) => id === 'native-sampler')?.note ?? '').not.toContain(
        'not permitted',
      )
    })

    it('attached to, at rest: no verdict, and no more than that', async () => {
      expect(faults(await attached(server(), 'user', false))).toEqual([expect.stringMatching(/^no-load: /)])
    })
  })
}

describeServer(mariadb(0), (server) => {
  it('launched: a thread per request, counted as MariaDB counts them', async () => {
    const { out, done } = await launchServer(server(), SECONDS)
    await underLoad(server(), sleep((SECONDS - 3) * 1000))
    const truth = threadsCreated(server())
    await done
    expect(truth).toBeGreaterThan(3000)
    expect(faults(reportIn(out))).toEqual([expect.stringMatching(/^thread-per-request: /)])
    const { records } = await readRecording(out)
    const counted = records.reduce((sum, record) => sum + (record.k === 'native-spawn' ? record.created : 0), 0)
    // MariaDB's counts connections' threads, ours also the two dozen that it has beside them.
    expect(counted / truth, `${counted} of ${truth}`).toBeGreaterThan(0.99)
    expect(counted / truth, `${counted} of ${truth}`).toBeLessThan(1.01)
  })

  it.skipIf(!isRoot)('attached to as root: a thread per request', async () => {
    expect(faults(await attached(server(), 'root', true))).toEqual([expect.stringMatching(/^thread-per-request: /)])
  })

  it('attached to without root: a thread per request', async () => {
    const report = await attached(server(), 'user', true)
    expect(faults(report)).toEqual([expect.stringMatching(/^thread-per-request: /)])
    // The files of its threads are root's while they end: that is not to be taken for a lack of rights.
    expect(report.recording.probes.find(({ id }) => id === 'native-sampler')?.note ?? '').not.toContain('not permitted')
  })
})

describeServer(mariadb(100), (server) => {
  /** Its client connects anew for each query, which is said where it is fast enough at that. */
  const ofThreads = (report: Report) => faults(report).filter((fault) => !fault.startsWith('connection-churn: '))

  it('launched: no thread per request, and nothing else', async () => {
    expect(ofThreads(await launched(server(), true))).toEqual([])
  })

  it('attached to without root: the same', async () => {
    expect(ofThreads(await attached(server(), 'user', true))).toEqual([])
  })
})
