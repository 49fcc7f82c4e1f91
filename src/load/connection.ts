import Client from 'autocannon/lib/httpClient.js'
import type { Milliseconds } from '../units.ts'

/** Pauses between attempts to connect after a failure: without one, autocannon spins on a port that refuses. */
const BACKOFF_MS = { first: 10, longest: 250 }

export interface ConnectionEvents {
  /** A connection for each request; its time counts from before the connect. */
  reconnect: boolean
  /** The next request, as it goes over the wire. */
  request: () => Buffer
  response: (status: number, ms: Milliseconds) => void
  timeout: () => void
  /** The connection failed or ended before the response to its request was complete. */
  error: () => void
}

/**
 * One connection of autocannon's, kept alive, that makes request after request, each as soon as the one before is answered.
 * As shipped, autocannon 8 takes a request that was lost with its connection for the next one (its times are wrong from
 * there on), does not count one that ends in FIN, spins on a refused port, keeps writing after `Connection: close` and
 * never sees the end of a response without a length; here these are put right.
 */
export function openConnection(url: URL, timeoutMs: Milliseconds, events: ConnectionEvents): Client {
  const client = new Client({
    protocol: url.protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
    timeout: timeoutMs / 1000,
    setupClient: (client) => repair(client, events),
  })
  client.on('response', (status, _bytes, ms) => events.response(status, ms))
  client.on('timeout', events.timeout)
  return client
}

/** Called before the first connect. */
function repair(client: Client, events: ConnectionEvents): void {
  const connect = client._connect.bind(client)
  const send = client._doRequest.bind(client)
  let closes = false
  let reconnecting = false
  let pauseMs = 0
  let retry: NodeJS.Timeout | undefined
  const isDone = () => client.responseMax !== undefined && client.reqsMade >= client.responseMax

  client.getRequestBuffer = events.request
  // Nobody reads the bodies; autocannon would join each into a string.
  client.pipelinedRequests.addBody = () => {}
  client.on('headers', ({ shouldKeepAlive }) => (closes = events.reconnect || !shouldKeepAlive))
  client.on('response', () => (pauseMs = 0))

  client._doRequest = () => {
    if (reconnecting) return
    if (closes && !isDone()) client._resetConnection()
    else send()
  }
  client._connect = () => {
    clearTimeout(retry)
    reconnecting = true
    // A body without a length ends with the connection.
    if (closes) client.parser.finish()
    reconnecting = false
    closes = false
    const lost = client.pipelinedRequests.size() > 0
    // A late error of the old socket would take the new one for broken.
    if (client.conn) client._destroyConnection()
    client.parser.reinitialize('RESPONSE')
    if (!lost) return connect()
    events.error()
    pauseMs = Math.min(pauseMs * 2 || BACKOFF_MS.first, BACKOFF_MS.longest)
    retry = setTimeout(() => {
      if (isDone()) client.destroy()
      if (!client.destroyed) connect()
    }, pauseMs)
  }
}
