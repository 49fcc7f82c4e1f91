import { plainText } from '../report/plain-text.ts'
import type { Bytes, Milliseconds } from '../units.ts'
import type { Receiver } from './receiver.ts'

/** An answer takes this long at most. */
const TIMEOUT_MS: Milliseconds = 5000
/** What waits for a receiver that is down: at ten seconds' interval five minutes of it, or these bytes. The oldest goes first. */
const MOST = 60
const MOST_BYTES: Bytes = 16e6
/** Of an answer, to say why it is none. */
const SAID_BYTES: Bytes = 4096
/** Answers after which to try again; any other says no. https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes */
const LATER: ReadonlySet<number> = new Set([408, 429, 502, 503, 504])

/** A POST that is to be made. */
export interface Letter {
  url: URL
  body: string | FormData
  headers?: Readonly<Record<string, string>>
  bytes: Bytes
}

/** Sends what is put in, in order, one at a time. Whatever becomes of it nothing waits and nothing fails: one warning is said. */
export class Outbox {
  readonly #receiver: Receiver
  readonly #say: (text: string) => void
  readonly #letters: Letter[] = []
  #sending: Promise<void> | null = null
  #current: AbortController | null = null
  #closing = false
  #warned = false

  constructor(receiver: Receiver, say: (text: string) => void) {
    this.#receiver = receiver
    this.#say = say
  }

  /** Also tries again what waits. */
  put(letter: Letter): void {
    this.#letters.push(letter)
    let bytes = this.#letters.reduce((sum, each) => sum + each.bytes, 0)
    while (this.#letters.length > 1 && (this.#letters.length > MOST || bytes > MOST_BYTES))
      bytes -= this.#letters.shift()?.bytes ?? 0
    void this.#send()
  }

  /** Sends what can be sent within that time. */
  async close(withinMs: Milliseconds): Promise<void> {
    const timer = setTimeout(() => {
      this.#closing = true
      this.#current?.abort(new Error(`no answer within ${withinMs / 1000} s of the end`))
    }, withinMs)
    await this.#send()
    clearTimeout(timer)
  }

  #send(): Promise<void> {
    this.#sending ??= this.#drain().finally(() => (this.#sending = null))
    return this.#sending
  }

  async #drain(): Promise<void> {
    for (let letter = this.#letters[0]; letter && !this.#closing; letter = this.#letters[0]) {
      const { again, reason } = await this.#post(letter)
      if (reason !== null) this.#warn(letter, reason)
      if (again) return
      // It may have been dropped meanwhile.
      if (this.#letters[0] === letter) this.#letters.shift()
    }
  }

  /** `reason`: why it did not arrive, or not all of it. */
  async #post({ url, body, headers }: Letter): Promise<{ again: boolean; reason: string | null }> {
    const abort = new AbortController()
    this.#current = abort
    const timer = setTimeout(() => abort.abort(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS)
    try {
      const all = { ...headers, ...this.#receiver.headers }
      const response = await fetch(url, {
        method: 'POST',
        body,
        headers: all,
        redirect: 'manual',
        signal: abort.signal,
      })
      const said = await beginningOf(response)
      const rejected = /"rejected\w+":\s*"?[1-9]/.test(said)
      if (response.ok) return { again: false, reason: rejected ? `it rejects a part: ${said}` : null }
      return { again: LATER.has(response.status), reason: `it answers ${response.status} ${said}`.trim() }
    } catch (error) {
      const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException }
      return { again: true, reason: cause?.message || cause?.code || message }
    } finally {
      clearTimeout(timer)
    }
  }

  /** Without the query, where a secret may be. */
  #warn({ url }: Letter, reason: string): void {
    if (this.#warned) return
    this.#warned = true
    this.#say(plainText(`${url.origin}${url.pathname} does not take what is pushed: ${reason}`))
  }
}

async function beginningOf({ body }: Response): Promise<string> {
  let said = ''
  if (!body) return said
  const decoder = new TextDecoder()
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    said += decoder.decode(chunk, { stream: true })
    if (said.length > SAID_BYTES) break
  }
  return said.slice(0, SAID_BYTES)
}
