import { Agent as HttpAgent, get as getHttp } from 'node:http'
import { Agent as HttpsAgent, get as getHttps } from 'node:https'

/** How a request ended: the status of its whole response, or a connection that failed or ended before. */
export type Outcome = number | 'error'

/** Makes GET requests over up to so many connections, one in flight on each. */
export class Requester {
  readonly #base: URL
  readonly #get
  readonly #agent

  constructor(url: URL, { connections, reconnect }: { connections: number; reconnect: boolean }) {
    const secure = url.protocol === 'https:'
    const options = { keepAlive: !reconnect, maxSockets: connections, maxFreeSockets: connections }
    this.#base = url
    this.#get = secure ? getHttps : getHttp
    this.#agent = secure ? new HttpsAgent({ ...options, rejectUnauthorized: false }) : new HttpAgent(options)
  }

  /** Returns what takes the request back: `ended` is not called then. */
  send(path: string, ended: (outcome: Outcome) => void): () => void {
    let over = false
    const end = (outcome: Outcome) => {
      if (!over) ended(outcome)
      over = true
    }
    const request = this.#get(this.#base.origin + path, { agent: this.#agent })
    request.on('response', (response) => {
      response.resume()
      response.on('end', () => end(response.complete ? (response.statusCode ?? 0) : 'error'))
      response.on('error', () => end('error'))
      response.on('close', () => end('error'))
    })
    request.on('error', () => end('error'))
    return () => {
      over = true
      request.destroy()
    }
  }

  close(): void {
    this.#agent.destroy()
  }
}
