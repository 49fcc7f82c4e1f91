/** The catalogue, in the order of deciding: what can explain a finding stands before it. */
import { allocatorLock } from './allocator-lock.ts'
import { asyncMutexSerialisation } from './async-mutex-serialisation.ts'
import { asyncRuntimeBlocked } from './async-runtime-blocked.ts'
import { blockingPoolExplosion } from './blocking-pool-explosion.ts'
import { cgroupCpuThrottling } from './cgroup-cpu-throttling.ts'
import { clientSaturated } from './client-saturated.ts'
import { connectionChurn } from './connection-churn.ts'
import { cpuSaturated } from './cpu-saturated.ts'
import { deadlockOrStuck } from './deadlock-or-stuck.ts'
import { delayedAckStall } from './delayed-ack-stall.ts'
import type { Detector } from './detector.ts'
import { droppedEvents } from './dropped-events.ts'
import { eventLoopBlockCpu } from './event-loop-block-cpu.ts'
import { eventLoopBlockSync } from './event-loop-block-sync.ts'
import { eventLoopRareStall } from './event-loop-rare-stall.ts'
import { gcPressure } from './gc-pressure.ts'
import { gilContention } from './gil-contention.ts'
import { globalMutex } from './global-mutex.ts'
import { handoffPingPong } from './handoff-ping-pong.ts'
import { hotCacheLock } from './hot-cache-lock.ts'
import { libuvPoolStarvation } from './libuv-pool-starvation.ts'
import { lockConvoy } from './lock-convoy.ts'
import { lockHeldAcrossBlocking } from './lock-held-across-blocking.ts'
import { memoryPerThread } from './memory-per-thread.ts'
import { noLoad } from './no-load.ts'
import { noisyNeighbour } from './noisy-neighbour.ts'
import { oversubscription } from './oversubscription.ts'
import { poolExhausted } from './pool-exhausted.ts'
import { poolThrash } from './pool-thrash.ts'
import { processPerRequest } from './process-per-request.ts'
import { profilerStarved } from './profiler-starved.ts'
import { recordingTooShort } from './recording-too-short.ts'
import { retrogradeScaling } from './retrograde-scaling.ts'
import { serialServer } from './serial-server.ts'
import { slowUpstream } from './slow-upstream.ts'
import { spinlockBurn } from './spinlock-burn.ts'
import { synchronousLoggerLock } from './synchronous-logger-lock.ts'
import { targetCrashed } from './target-crashed.ts'
import { threadLeak } from './thread-leak.ts'
import { threadPerRequest } from './thread-per-request.ts'
import { thunderingHerd } from './thundering-herd.ts'
import { workerPerRequest } from './worker-per-request.ts'
import { writeLockOnReadPath } from './write-lock-on-read-path.ts'

export const catalogue: readonly Detector[] = [
  targetCrashed,
  noLoad,
  recordingTooShort,
  droppedEvents,
  profilerStarved,
  clientSaturated,
  cgroupCpuThrottling,
  workerPerRequest,
  processPerRequest,
  poolThrash,
  threadPerRequest,
  connectionChurn,
  noisyNeighbour,
  blockingPoolExplosion,
  threadLeak,
  eventLoopBlockCpu,
  eventLoopBlockSync,
  eventLoopRareStall,
  libuvPoolStarvation,
  deadlockOrStuck,
  asyncRuntimeBlocked,
  gilContention,
  allocatorLock,
  synchronousLoggerLock,
  lockHeldAcrossBlocking,
  writeLockOnReadPath,
  hotCacheLock,
  lockConvoy,
  globalMutex,
  spinlockBurn,
  serialServer,
  asyncMutexSerialisation,
  thunderingHerd,
  handoffPingPong,
  poolExhausted,
  oversubscription,
  memoryPerThread,
  gcPressure,
  retrogradeScaling,
  delayedAckStall,
  slowUpstream,
  cpuSaturated,
]
