import type { ServerResponse } from 'node:http'
import type { Server } from 'node:net'
import { subscribe, unsubscribe } from './builtins.ts'
import { now } from './clock.ts'
import { round, Sketch } from './sketch.ts'
import type { Instrument, ThreadAgent } from './thread-agent.ts'

const SWEEP_MS = 1000

/** Requests of this thread's HTTP servers and their connections, by node:diagnostics_channel, without patching. */
export function watchHttp(agent: ThreadAgent): Instrument {
  /** Requests in flight since when. */
  const open = new Map<ServerResponse, number>()
  let latency = new Sketch()
  let connections = 0
  let started = 0
  let aborted = 0
  let non2xx = 0
  let peak = 0
  let seen = false
  let sweptAt = 0

  const onConnection = agent.guard((message: unknown) => {
    // Other servers than those of HTTP listen too.
    const { server } = (message as { socket: { server?: Server } }).socket
    if (server && server.listenerCount('request') > 0) connections++
  })
  const onStart = agent.guard((message: unknown) => {
    started++
    seen = true
    open.set((message as { response: ServerResponse }).response, now())
    if (open.size > peak) peak = open.size
  })
  const onFinish = agent.guard((message: unknown) => {
    const { response } = message as { response: ServerResponse }
    const since = open.get(response)
    if (since === undefined) return
    open.delete(response)
    latency.add(now() - since)
    if (response.statusCode < 200 || response.statusCode > 399) non2xx++
  })
  /** A request whose client went away never finishes. */
  const sweep = () => {
    for (const response of open.keys()) {
      if (!response.destroyed) continue
      open.delete(response)
      aborted++
    }
  }

  subscribe('net.server.socket', onConnection)
  subscribe('http.server.request.start', onStart)
  subscribe('http.server.response.finish', onFinish)
  return {
    flush(t, out) {
      if (!seen) return
      if (t - sweptAt > SWEEP_MS) {
        sweptAt = t
        sweep()
      }
      const { n, sum, sumOfSquares, pairs } = latency.summary()
      out.push({
        k: 'http',
        t,
        connections,
        started,
        finished: n,
        aborted,
        non2xx,
        inFlight: open.size,
        inFlightPeak: peak,
        sumMs: round(sum),
        sumSqMs: round(sumOfSquares),
        latency: pairs,
      })
      latency = new Sketch()
      connections = 0
      started = 0
      aborted = 0
      non2xx = 0
      peak = open.size
    },
    uninstall() {
      unsubscribe('net.server.socket', onConnection)
      unsubscribe('http.server.request.start', onStart)
      unsubscribe('http.server.response.finish', onFinish)
      open.clear()
    },
  }
}
