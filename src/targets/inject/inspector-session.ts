import { once } from 'node:events'
import { get } from 'node:http'
import { WebSocket } from 'ws'
import type { Milliseconds } from '../../units.ts'

const ANSWER_MS: Milliseconds = 2000
/** What was opened can only be closed through it: a busy machine gets its time. */
const CONNECT_MS: Milliseconds = 10_000
const PAYLOAD_BYTES = 16 << 20

/** Where a debugger connects to; null where no inspector of Node answers. */
export async function debuggerUrl(port: number): Promise<string | null> {
  try {
    const [target] = (await getJson(port, '/json/list')) as { webSocketDebuggerUrl?: string }[]
    const { Browser } = (await getJson(port, '/json/version')) as { Browser?: string }
    return Browser?.startsWith('node.js/') ? (target?.webSocketDebuggerUrl ?? null) : null
  } catch {
    return null
  }
}

/** One connection to a process' inspector. */
export class InspectorSession {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  #last = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data: Buffer) => this.#receive(data.toString()))
    socket.on('error', () => {})
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the connection was closed'))
    })
  }

  static async connect(url: string): Promise<InspectorSession> {
    const socket = new WebSocket(url, {
      perMessageDeflate: false,
      maxPayload: PAYLOAD_BYTES,
      handshakeTimeout: CONNECT_MS,
    })
    await once(socket, 'open')
    return new InspectorSession(socket)
  }

  /**
   * The value that the expression comes to in the main thread, or with `awaitPromise` its promise. V8 interrupts whatever
   * runs there, so that this may be in the middle of Node's own code; what is awaited, promise or not, needs a microtask,
   * which a thread that spins or is blocked does not come to. `atConsole`: with what a debugger's console adds, as `require`.
   * Rejects with what it throws.
   */
  evaluate(expression: string, { awaitPromise = false, atConsole = false } = {}): Promise<unknown> {
    // Of what is sent then nothing comes back, not even an error.
    if (this.#socket.readyState !== WebSocket.OPEN) return Promise.reject(new Error('the connection was closed'))
    const id = ++this.#last
    const params = { expression, returnByValue: true, awaitPromise, silent: true, includeCommandLineAPI: atConsole }
    this.#socket.send(JSON.stringify({ id, method: 'Runtime.evaluate', params }))
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  /** At once: the target waits for it when it closes its inspector. */
  disconnect(): void {
    this.#socket.terminate()
  }

  #receive(text: string): void {
    const { id, result, error } = JSON.parse(text) as Answer
    const waiting = this.#waiting.get(id ?? 0)
    if (!waiting) return
    this.#waiting.delete(id ?? 0)
    const thrown = error?.message ?? result?.exceptionDetails?.exception?.description ?? result?.exceptionDetails?.text
    if (thrown === undefined) waiting.resolve(result?.result?.value)
    else waiting.reject(new Error(thrown))
  }
}

/** Of the Chrome DevTools Protocol's `Runtime.evaluate`. */
interface Answer {
  id?: number
  error?: { message: string }
  result?: {
    result?: { value?: unknown }
    exceptionDetails?: { text: string; exception?: { description?: string } }
  }
}

function getJson(port: number, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, timeout: ANSWER_MS, agent: false }, (response) => {
      let text = ''
      response.on('data', (chunk) => (text += String(chunk)))
      response.on('end', () => {
        try {
          resolve(JSON.parse(text))
        } catch (error) {
          reject(error)
        }
      })
    })
    request.on('timeout', () => request.destroy(new Error('no answer')))
    request.on('error', reject)
  })
}
