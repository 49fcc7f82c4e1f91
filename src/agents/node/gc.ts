import type { PerformanceObserverEntryList } from 'node:perf_hooks'
import { perfHooks, v8 } from './builtins.ts'
import { fromTimeline } from './clock.ts'
import { round } from './sketch.ts'
import type { Instrument, ThreadAgent } from './thread-agent.ts'
import type { WireRecord } from './wire.ts'

/** Pauses worth naming one by one. */
const LONG_MS = 2
const LONG_KEPT = 200
const HEAP_MS = { main: 1000, worker: 5000 }
/** node:perf_hooks constants.NODE_PERFORMANCE_GC_*. */
const KINDS: Record<number, string> = {
  1: 'scavenge',
  2: 'minor-mark-compact',
  4: 'mark-compact',
  8: 'incremental',
  16: 'weak-callbacks',
}

/** Garbage-collection pauses of this thread, and its heap about once a second, a worker's each five. */
export function watchGc(agent: ThreadAgent): Instrument {
  let n = 0
  let ms = 0
  let long: [number, number, string][] = []
  let heapAt = 0
  const heapMs = agent.isMain ? HEAP_MS.main : HEAP_MS.worker
  const onGc = agent.guard((list: PerformanceObserverEntryList) => {
    for (const entry of list.getEntries()) {
      n++
      ms += entry.duration
      if (entry.duration < LONG_MS || long.length >= LONG_KEPT) continue
      const kind = (entry as unknown as { detail?: { kind?: number } }).detail?.kind ?? 0
      long.push([round(fromTimeline(entry.startTime) + entry.duration), round(entry.duration), KINDS[kind] ?? 'other'])
    }
  })
  const observer = new (perfHooks().PerformanceObserver)(onGc)
  observer.observe({ entryTypes: ['gc'] })
  return {
    flush(t, out) {
      if (n > 0) out.push({ k: 'gc', t, n, ms: round(ms), long })
      n = 0
      ms = 0
      long = []
      if (t - heapAt < heapMs) return
      heapAt = t
      out.push(heap(t))
    },
    uninstall: () => observer.disconnect(),
  }
}

function heap(t: number): WireRecord {
  const { used_heap_size, total_heap_size, external_memory, heap_size_limit } = v8().getHeapStatistics()
  return {
    k: 'heap',
    t,
    used: used_heap_size,
    total: total_heap_size,
    external: external_memory,
    limit: heap_size_limit,
  }
}
