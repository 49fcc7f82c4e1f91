import type { Bytes, Milliseconds } from '../../units.ts'

/** A hundredth of a second but for a hundredth of it, so that what the target does a hundred times a second is not always met in the same place. */
const PERIOD_MS: Milliseconds = 10.1
/** With more cores each is sampled less often: a sample costs holdup about 50 µs. */
const SAMPLES_PER_SECOND = 400
const MS_PER_SECOND = 1000
const NS_PER_MS = 1e6
/** Copied with each sample: the innermost dozens of frames. */
const STACK_BYTES: Bytes = 4096
/** Of each core's buffer; what an ordinary user may lock is 516 kB a core (perf_event_mlock_kb). */
const BUFFER = '256K'
/**
 * Of perf 5.13 or newer. Where threads come and go perf else empties its buffers of each single record, polls for BPF without a pause, and gives
 * up when a thread ends whose name it was about to read.
 */
const FOR_SHORT_THREADS = '--mmap-flush 64K --no-bpf-event --synth=no'

/** What perf is to watch: all of the machine's cores, or these threads and all that they start. */
export type Watched = 'cores' | readonly number[]

/**
 * Samples cores or threads, by the CPU time that each uses. perf ends with its workload, and that with its stdin: so also when holdup is
 * killed. `isOld`: a perf that does not know what is newest here.
 */
export function perfArguments(watched: Watched, cores: number, isOld = false): string[] {
  const periodMs = Math.max(PERIOD_MS, (cores * MS_PER_SECOND) / SAMPLES_PER_SECOND)
  const count = Math.round(periodMs * NS_PER_MS)
  const output = '--quiet --no-buildid --output -'
  const samples = `--event cpu-clock --count ${count} --clockid monotonic --call-graph dwarf,${STACK_BYTES} --mmap-pages ${BUFFER}`
  const of = watched === 'cores' ? '--all-cpus' : `--tid ${watched.join()}`
  return `record ${output} ${samples}${isOld ? '' : ` ${FOR_SHORT_THREADS}`} ${of} -- cat`.split(' ')
}
