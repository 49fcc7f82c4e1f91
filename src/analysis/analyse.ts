import { readAcceptQueue } from './accept-queue.ts'
import { readAsyncRuntime } from './async-runtime.ts'
import { offCpuTree } from './blocked-trees.ts'
import { readCgroup } from './cgroup.ts'
import { readClient } from './client.ts'
import { readClientSockets } from './client-sockets.ts'
import { readConnections } from './connections.ts'
import { readEventLoop } from './event-loop.ts'
import { readGc } from './gc.ts'
import { locksAreHidden } from './hidden-locks.ts'
import { countNativeRequests, readClientHttp, readServerHttp } from './http.ts'
import { indexRecords } from './index-records.ts'
import type { RecordedData } from './index-records.ts'
import { readLibuvPool } from './libuv-pool.ts'
import { readLockWait } from './locks.ts'
import { readNativeLoops } from './native-loops.ts'
import { readNeighbours } from './neighbours.ts'
import { readProcesses } from './process-births.ts'
import { readCpu, readMemory, readSwitches } from './processes.ts'
import { profileSamples, readProfiles } from './profiles.ts'
import { readQuality } from './quality.ts'
import type { Analysis } from './signals.ts'
import { lockStepShares, lockWaitBySpan } from './lock-wait-steps.ts'
import { splitThreadTime, threadTimeBySpan } from './thread-time.ts'
import { stepSpans, timeSteps } from './time-steps.ts'
import { readSpin } from './spin.ts'
import { threadSamples } from './thread-samples.ts'
import { readRunQueue, readThreads, readWorkers } from './threads.ts'
import { drawTimelines, lastTime } from './timelines.ts'
import { readAlone } from './scale/alone.ts'
import { readScale } from './scale/scale.ts'
import { readUpstreams } from './upstreams.ts'
import { chooseWindow, WHOLE } from './window.ts'
import type { Milliseconds } from '../units.ts'

/** Derives every signal from a recording: pure, so that the same recording gives the same analysis anywhere, later. */
export function analyse(data: RecordedData, span = WHOLE): Analysis {
  const scaled = span === WHOLE ? readScale(data, (step) => analyseWindow(data, step, '').signals) : null
  if (!scaled) {
    const { window, reason } = chooseWindow(data, span)
    const { signals, ...analysis } = analyseWindow(data, window, reason)
    return { ...analysis, signals: { ...signals, alone: readAlone(data, window, signals) } }
  }
  const { signals, ...analysis } = analyseWindow(data, scaled.window, scaled.reason)
  return { ...analysis, signals: { ...signals, scale: scaled.scale } }
}

/** Every signal of a window; `drawFrom`: where the timelines begin. */
export function analyseWindow(
  data: RecordedData,
  window: Analysis['window'],
  windowReason: string,
  drawFrom: Milliseconds = 0,
): Analysis {
  const source = indexRecords(data, window)
  const samples = profileSamples(source)
  const sampled = threadSamples(source)
  const waits = readLockWait(source, sampled)
  const lockWait = waits === null || locksAreHidden(source) ? null : waits.lockWait
  const httpServer = readServerHttp(source)
  const http = readClientHttp(source) ?? httpServer
  const requests = http?.requests ?? countNativeRequests(source)
  const workers = readWorkers(source, requests)
  const runQueue = readRunQueue(source, sampled)
  const cgroup = readCgroup(source, runQueue)
  const steps = timeSteps(drawFrom, lastTime(source))
  return {
    window,
    windowReason,
    signals: {
      quality: readQuality(source, samples, http, requests),
      cpu: readCpu(source, sampled, cgroup),
      cgroup,
      neighbours: readNeighbours(source, sampled),
      memory: readMemory(source),
      threads: readThreads(source, workers, requests),
      workers,
      processes: readProcesses(source, requests),
      switches: readSwitches(source),
      runQueue,
      lockWait,
      eventLoop: readEventLoop(source, sampled, samples),
      loops: readNativeLoops(source),
      asyncRuntime: readAsyncRuntime(source, sampled),
      spin: readSpin(source),
      libuvPool: readLibuvPool(source),
      gc: readGc(source),
      http,
      httpServer,
      connections: readConnections(source, http),
      acceptQueue: readAcceptQueue(source, sampled),
      upstreams: readUpstreams(source),
      clientSockets: readClientSockets(source),
      client: readClient(source),
      scale: null,
      alone: null,
      profiles: readProfiles(source, samples, sampled, steps),
      offCpu: offCpuTree(source, steps),
      threadTime: sampled.size > 0 ? splitThreadTime(source, sampled, waits?.msByThread ?? new Map()) : null,
    },
    timelines: drawTimelines(source, sampled, lockWait, drawFrom),
    steps,
    lockStepShares: () => lockStepShares(source, steps),
    threadTimeSteps: () => {
      if (sampled.size === 0) return null
      const spans = stepSpans(steps)
      const lockWaitIn = lockWaitBySpan(source, waits?.lockWait.locks ?? [], waits?.msByThread ?? new Map(), spans)
      return threadTimeBySpan(source, sampled, lockWaitIn, spans)
    },
  }
}
