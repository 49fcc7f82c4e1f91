import { get as getHttp } from 'node:http'
import { get as getHttps } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Milliseconds } from '../units.ts'

const TRY_EVERY_MS = 50
/** Long, because a server that is slow to answer would only queue another attempt behind this one. */
export const ANSWER_WITHIN_MS = 5000

export interface WaitOptions {
  timeoutMs: Milliseconds
  /** Whether the target still runs: the wait ends with it. */
  alive?: () => boolean
}

/** `answers`: any HTTP status came back; `exited`: the target ended first; `timeout`: neither in time. */
export type Readiness = 'answers' | 'exited' | 'timeout'

/** Asks for the URL until it answers. Each attempt that is answered is a request that the target counts. */
export async function waitForUrl(url: string, { timeoutMs, alive = () => true }: WaitOptions): Promise<Readiness> {
  const deadline = performance.now() + timeoutMs
  while (alive()) {
    const left = deadline - performance.now()
    if (left <= 0) return 'timeout'
    const within = AbortSignal.timeout(Math.ceil(Math.min(left, ANSWER_WITHIN_MS)))
    if ((await statusOf(url, within)) !== null) return 'answers'
    await sleep(Math.min(TRY_EVERY_MS, left))
  }
  return 'exited'
}

/** What a URL is answered with; null where it is not, or not before the signal. */
export function statusOf(url: string, signal: AbortSignal): Promise<number | null> {
  const get = url.startsWith('https:') ? getHttps : getHttp
  return new Promise((resolve) => {
    const request = get(url, { agent: false, rejectUnauthorized: false, signal, headers: { connection: 'close' } })
    request.on('response', (response) => {
      resolve(response.statusCode ?? null)
      response.destroy()
    })
    request.on('error', () => resolve(null))
  })
}
