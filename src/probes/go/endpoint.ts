import { Agent, get } from 'node:http'
import type { Bytes, Milliseconds } from '../../units.ts'

const TIMEOUT_MS: Milliseconds = 2000
const LARGEST: Bytes = 16 << 20
const HOST = '127.0.0.1'
/** What net/http/pprof's index lists. */
const INDEX = /\/debug\/pprof\/[\s\S]*goroutine/

/** A Go program's /debug/pprof, over one connection that stays open. */
export class PprofEndpoint {
  readonly #port: number
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  constructor(port: number) {
    this.#port = port
  }

  /** Whether what listens there serves profiles. */
  async answers(): Promise<boolean> {
    const page = await this.fetch('').catch(() => null)
    return page !== null && INDEX.test(page.toString('latin1'))
  }

  /** A page below /debug/pprof/. Throws Error where it is none, or takes too long. */
  fetch(page: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const path = `/debug/pprof/${page}`
      const request = get(
        { host: HOST, port: this.#port, path, agent: this.#agent, timeout: TIMEOUT_MS },
        (response) => {
          const chunks: Buffer[] = []
          let size = 0
          response.on('data', (chunk: Buffer) => {
            chunks.push(chunk)
            if ((size += chunk.length) > LARGEST) request.destroy(new Error('a profile far too large'))
          })
          response.on('end', () => {
            if (response.statusCode === 200) resolve(Buffer.concat(chunks))
            else reject(new Error(`${path} gives ${response.statusCode}`))
          })
          response.on('error', reject)
        },
      )
      request.on('timeout', () => request.destroy(new Error(`${path} takes too long`)))
      request.on('error', reject)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
