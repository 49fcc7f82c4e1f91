import type { AttachCost } from './attach-cost.ts'
import { type Interval, median } from './bootstrap.ts'
import { textTable } from './text-table.ts'
import type { Verdict } from './verdict.ts'

/** What an attach may take, in the median, and what of its throughput the target must keep. */
const LIMITS = { stallMs: 100, openMs: 500, firstDataMs: 2000, rate: 0.98 }

/** What each of the attaches took. */
export function attachTable(costs: readonly AttachCost[]): string {
  const head = ['ms', 'median', 'max', 'attaches']
  const rows = costs.flatMap((cost) =>
    [
      ['longest stall, going in', cost.stallInMs],
      ['longest stall, going out', cost.stallOutMs],
      ['longest stall, either', cost.stallMs],
      ['longest stall, as long without an attach', cost.bareStallMs],
      ['most CPU in a stall', cost.stallCpuMs],
      ['most CPU in a stall, without an attach', cost.bareStallCpuMs],
      ['inspector open', cost.openMs],
      ['start to first data', cost.firstDataMs],
      ['start to end', cost.wholeMs],
    ].map(([what, values]) => row(`${cost.fixture} · ${what as string}`, values as number[])),
  )
  return textTable([head, ...rows])
}

/** What the target still did over the whole attach, beside slices without one. */
export function throughputTable(costs: readonly AttachCost[]): string {
  const head = ['ratio, over the whole attach', 'median', '95 %', 'bare/bare', '95 %', 'bare requests/s']
  const rows = costs.flatMap(({ fixture, rate, bareRate, cpu, bareCpu, bareRequests }) => [
    [`${fixture} · requests a second`, ...cells(rate), ...cells(bareRate), median(bareRequests).toFixed(0)],
    [`${fixture} · CPU a request`, ...cells(cpu), ...cells(bareCpu), ''],
  ])
  return textTable([head, ...rows])
}

/** The medians against their limits. */
export function attachVerdicts({ fixture, stallMs, openMs, firstDataMs, rate }: AttachCost): Verdict[] {
  const atMost = (what: string, values: readonly number[], limit: number) =>
    verdict(median(values) <= limit, `${fixture} · ${what}: ${median(values).toFixed(1)} ≤ ${limit} ms`)
  return [
    atMost('longest stall', stallMs, LIMITS.stallMs),
    atMost('inspector open', openMs, LIMITS.openMs),
    atMost('start to first data', firstDataMs, LIMITS.firstDataMs),
    verdict(rate.median >= LIMITS.rate, `${fixture} · requests a second: ${rate.median.toFixed(3)} ≥ ${LIMITS.rate}`),
  ]
}

function verdict(holds: boolean, text: string): Verdict {
  return { holds, text: `${holds ? 'holds' : 'FAILS'}: ${text}` }
}

function row(what: string, values: readonly number[]): string[] {
  return [what, median(values).toFixed(1), Math.max(...values).toFixed(1), String(values.length)]
}

function cells({ median, low, high }: Interval): string[] {
  return [median.toFixed(3), `${low.toFixed(3)} – ${high.toFixed(3)}`]
}
