/** The JVM's recorder, asked without jcmd and read without the JDK's own reader, held against both. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { askJvm } from '../../../src/probes/jvm/attach-socket.ts'
import { type JvmEvents, readEvents } from '../../../src/probes/jvm/events.ts'
import { Flight } from '../../../src/probes/jvm/flight.ts'
import { Chunk } from '../../../src/probes/jvm/jfr/chunk.ts'
import { readChunks } from '../../../src/probes/jvm/jfr/read-chunks.ts'
import { temporaryFolder } from '../../support/cli.ts'
import { jcmd, startJava } from '../../support/jvm.ts'
import { hasCommand } from '../../support/native-fixture.ts'

const hasJdk = hasCommand('javac') && hasCommand('jcmd')
const isHoldups = (name: string) => name.startsWith('holdup-jvm-')

/** As `jfr print --json` has it. */
interface Printed {
  recording: { events: { type: string; values: { duration: string; eventThread: { osThreadId: number } } }[] }
}

it.skipIf(!hasJdk)('reads what jfr prints', { timeout: 60_000 }, async () => {
  const { pid, load } = await startJava('mutex-pool')
  const before = readdirSync('/tmp').filter(isHoldups)
  const flight = await Flight.begin(pid)
  await sleep(1500)
  await flight.end()
  await load.stop()
  const [folder = ''] = readdirSync('/tmp').filter((name) => isHoldups(name) && !before.includes(name))
  const file = join(temporaryFolder(), 'one.jfr')
  copyFileSync(join('/tmp', folder, '1.jfr'), file)
  flight.close()
  expect(existsSync(join('/tmp', folder))).toBe(false)

  const own: JvmEvents[] = []
  for await (const chunk of readChunks(file, new Set())) if (chunk) own.push(readEvents(new Chunk(chunk)))
  const waits = own
    .flatMap((events) => events.waits)
    .filter(({ kind, of }) => kind === 'mutex' && of.startsWith('monitor'))
  const text = execFileSync(
    'jfr',
    ['print', '--json', '--stack-depth', '1', '--events', 'jdk.JavaMonitorEnter', file],
    {
      encoding: 'utf8',
      maxBuffer: 1e9,
    },
  )
  const printed = (JSON.parse(text) as Printed).recording.events.map(({ values }) => values)
  expect(waits.length).toBeGreaterThan(50)
  expect(waits.length).toBe(printed.length)
  const seconds = (duration: string) => Number(/^PT([\d.]+)S$/.exec(duration)?.[1])
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
  expect(sum(waits.map(({ from, to }) => (to - from) / 1000))).toBeCloseTo(
    sum(printed.map((one) => seconds(one.duration))),
    3,
  )
  expect(new Set(waits.map(({ tid }) => tid))).toEqual(new Set(printed.map((one) => one.eventThread.osThreadId)))
  const searches = waits.filter(({ of }) => of === 'monitor of search.Index')
  expect(searches.length).toBeGreaterThan(50)
  expect(searches[0]?.stack[0]).toMatch(/^search\.MutexPool\.search \(MutexPool\.java:\d+\)$/)
  expect(searches.every(({ owner }) => owner > 0)).toBe(true)
})

it.skipIf(!hasJdk)('fetches each chunk once, and leaves nothing', { timeout: 60_000 }, async () => {
  const service = await startJava('thread-per-query', 4)
  const { pid, load } = service
  const flight = await Flight.begin(pid)
  expect(jcmd(pid, 'JFR.check')).toMatch(/holdup-\d+-1 duration=90s/)
  const births: number[] = []
  const take = (chunk: ConstructorParameters<typeof Chunk>[0]) =>
    births.push(...readEvents(new Chunk(chunk)).births.map(({ t }) => t))
  for (let turn = 0; turn < 3; turn++) {
    await sleep(500)
    await flight.turn(take)
  }
  await flight.end()
  await flight.readLast(take)
  flight.close()
  expect(flight.broken).toBe(0)
  expect(new Set(births).size).toBe(births.length)
  expect(births.length).toBeGreaterThan(20)
  expect(await askJvm(pid, 'JFR.check')).toMatch(/No available recordings/)
  await load.stop()
  await service.finish()
})
