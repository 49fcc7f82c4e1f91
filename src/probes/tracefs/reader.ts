/**
 * The process that has the kernel record, reads that and adds it up, so that nothing that holdup does makes it come late. When
 * holdup is killed it takes the recording's instance away.
 */
import { closeSync } from 'node:fs'
import { setPriority } from 'node:os'
import type { Nanoseconds } from '../../units.ts'
import type { FollowedProcess, FromReader, ToReader } from './chunk.ts'
import { dispatcher } from './dispatch.ts'
import { enableEvents } from './events.ts'
import { Instance } from './instance.ts'
import { CpuBuffer, inOrder } from './ring-buffer.ts'
import { seed, threadsOf } from './seed.ts'
import { Tracker } from './tracker.ts'

const READ_EVERY_MS = 50
/** Its work is little, and must not wait for those that it watches. */
const PRIORITY = -10
const TELL_EVERY_MS = 1000
/** An event gets its time a moment before it can be read. */
const SETTLED: Nanoseconds = 2e6
/** Threads that began while their process' were listed are in the next list. */
const LISTS_AT_MOST = 5

const tracker = new Tracker()
const descriptors: number[] = []
let instance: Instance | undefined
let buffers: CpuBuffer[] = []
let handle: (buffer: CpuBuffer) => void = () => {}
/** Whether there is a thread to record: without one the kernel would record those of the whole machine. */
let follows = false
let recording = false
let events = 0
let reading: NodeJS.Timeout | undefined
let telling: NodeJS.Timeout | undefined

process.on('message', (message: ToReader) => {
  if (message.do === 'stop') stop()
  else if (message.do === 'follow') follow(message.processes)
  else start(message.processes)
})
process.on('disconnect', () => end())
// Ctrl-C reaches the whole group of the terminal; whoever started this process says when it ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

function start(processes: readonly FollowedProcess[]): void {
  try {
    setPriority(PRIORITY)
    instance = new Instance()
    follow(processes)
    const table = enableEvents(instance.path, (file, text) => instance?.write(file, text))
    const pageBytes = instance.has('buffer_subbuf_size_kb')
      ? Number(instance.read('buffer_subbuf_size_kb')) * 1024
      : 4096
    descriptors.push(...instance.openBuffers())
    buffers = descriptors.map((fd) => new CpuBuffer(fd, pageBytes))
    const dispatch = dispatcher(tracker, table)
    handle = (buffer) => {
      events++
      dispatch(buffer)
    }
    record()
    // What there is now, and what it is in the middle of.
    tracker.processes.clear()
    follow(processes)
  } catch (error) {
    tell({ failed: (error as Error).message }, () => end())
    return
  }
  reading = setInterval(() => read(now() - SETTLED), READ_EVERY_MS)
  telling = setInterval(() => report(false), TELL_EVERY_MS)
  tell({ started: true })
}

/** Processes that are not known yet: those that known ones start come by themselves. */
function follow(processes: readonly FollowedProcess[]): void {
  for (const { pid, ignore } of processes) {
    const known = tracker.processes.get(pid)
    if (known && (ignore || known.live > 0)) known.ignored = ignore
    else if (ignore) tracker.addProcess(pid, now()).ignored = true
    else followWhole(pid)
  }
}

function followWhole(pid: number): void {
  const traced = tracker.addProcess(pid, now())
  const followed = new Set<number>()
  for (let i = 0; i < LISTS_AT_MOST; i++) {
    const fresh = threadsOf(pid).filter((tid) => !followed.has(tid))
    if (fresh.length === 0) break
    for (const tid of fresh) followed.add(tid)
    instance?.follow(fresh)
    follows = true
  }
  record()
  if (buffers.length > 0) seed(tracker, traced, threadsOf(pid), now)
}

function record(): void {
  if (recording || !follows || buffers.length === 0) return
  instance?.write('tracing_on', '1')
  recording = true
}

function read(until: Nanoseconds): void {
  let missed = false
  for (const buffer of buffers) if (buffer.fill()) missed = true
  if (missed) tracker.forget()
  inOrder(buffers, until, handle)
}

function report(last: boolean): void {
  if (!instance) return
  const at = last ? now() : now() - SETTLED
  read(at)
  const { user, system } = process.cpuUsage()
  const chunk = tracker.take(at)
  const message: FromReader = { chunk, events, lost: instance.overruns(), cpuSeconds: (user + system) / 1e6, last }
  tell(message, () => last && end())
}

function stop(): void {
  try {
    instance?.write('tracing_on', '0')
    report(true)
  } catch {
    end()
  }
}

/** Takes the instance away, and this process. */
function end(): void {
  clearInterval(reading)
  clearInterval(telling)
  for (const fd of descriptors.splice(0)) closeSync(fd)
  try {
    instance?.remove()
  } catch {
    // The next command of holdup's tries again.
  }
  process.exit()
}

function tell(message: FromReader, then: () => unknown = () => {}): void {
  if (process.connected) process.send?.(message, undefined, undefined, then)
  else then()
}

function now(): Nanoseconds {
  return Number(process.hrtime.bigint())
}
