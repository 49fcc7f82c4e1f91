/** What holdup uses of autocannon 8's connection: one keep-alive socket with one request in flight. It ships no types. */
declare module 'autocannon/lib/httpClient.js' {
  import type { EventEmitter } from 'node:events'
  import type { Socket } from 'node:net'

  namespace Client {
    interface Options {
      protocol: string
      hostname: string
      port: number
      /** Seconds. */
      timeout: number
      setupClient(client: Client): void
    }
    interface Head {
      shouldKeepAlive: boolean
    }
  }

  class Client extends EventEmitter<{
    headers: [Client.Head]
    /** Status, bytes, milliseconds from just before the request is written to the end of its response (`process.hrtime`). */
    response: [number, number, number]
    timeout: []
  }> {
    constructor(options: Client.Options)
    conn?: Socket
    destroyed: boolean
    reqsMade: number
    /** Once set, the client destroys itself rather than make more requests than this. */
    responseMax?: number
    parser: { finish(): void; reinitialize(type: 'RESPONSE'): void }
    pipelinedRequests: { size(): number; addBody(data: Buffer): void }
    getRequestBuffer(): Buffer
    destroy(): void
    _connect(): void
    _doRequest(): void
    _resetConnection(): void
    /** Forgets the requests in flight, too. */
    _destroyConnection(): void
  }

  export = Client
}
