/** At most this many requests a second, and one at a time. */
const PER_SECOND = 20
const ANSWER_WITHIN_MS = 10_000

/** Asks a server for one path after the other, little enough to leave it most of its time. */
export class LightLoad {
  readonly #timer: NodeJS.Timeout
  #failures: string[] = []
  #asked = 0
  #waiting = false

  /** Starts at once. */
  constructor(url: string, paths: readonly string[]) {
    this.#timer = setInterval(
      () => void this.#ask(new URL(paths[this.#asked % paths.length] ?? '/', url)),
      1000 / PER_SECOND,
    )
  }

  /** What went wrong since the call before. */
  takeFailures(): string[] {
    return this.#failures.splice(0)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #ask(url: URL): Promise<void> {
    if (this.#waiting) return
    this.#waiting = true
    this.#asked++
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
      await response.text()
      if (!response.ok) this.#failures.push(`${url.pathname}: ${response.status}`)
    } catch (error) {
      this.#failures.push(`${url.pathname}: ${String(error)}`)
    } finally {
      this.#waiting = false
    }
  }
}
