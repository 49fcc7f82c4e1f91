import { mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Bytes, Milliseconds } from '../units.ts'
import { AppendFile } from './append-file.ts'
import { compressFile } from './compress.ts'
import { encodeLine } from './encode.ts'
import { Interner } from './interner.ts'
import { LineBuffer } from './line-buffer.ts'
import type { AnyRecord, Header, RecordOf } from './schema.ts'
import type { Sink } from './sink.ts'
import { SizeCap } from './size-cap.ts'
import { writeError } from './write-error.ts'

const FLUSH_MS = 250
/** Data is on disk at the latest this and one flush after it was written. */
const SYNC_MS = 700
const DEFAULT_MAX_BYTES = 256e6
/** What waits for a slow disk, or for thinning to make room. */
const BUFFER_BYTES = 32e6
const APPEND_BYTES = 4e6
/** Of the size cap: more distinct text than this is not held, neither here nor in the recording. */
const INTERNED_SHARE = 1 / 4
const INTERNED_BYTES = 32e6
/** Of the size cap: a longer line could make it unreachable by thinning. */
const LINE_SHARE = 1 / 16
/** A header alone takes a kilobyte. */
const LEAST_MAX_BYTES = 64e3

export interface WriterOptions {
  /** Size that the uncompressed recording never passes; default 256 MB. */
  maxBytes?: Bytes
  /** Monotonic milliseconds since the recording began; by default since `open`. */
  now?: () => Milliseconds
  /** Called once, when the recording stops growing. */
  onFailure?: (error: Error) => void
}

/**
 * Appends to a recording. Records are buffered, written every 250 ms and on disk within a second. When the disk refuses,
 * the recording stops growing, stays readable as far as it got, and `failure` says why; no call throws after `open`.
 */
export class RecordingWriter implements Sink {
  /** Why the recording stopped growing; null while all is well. */
  failure: Error | null = null
  readonly #path: string
  readonly #now: () => Milliseconds
  readonly #onFailure: (error: Error) => void
  readonly #lines: LineBuffer
  readonly #interner: Interner
  readonly #maxLineBytes: Bytes
  readonly #cap: SizeCap
  readonly #timer: NodeJS.Timeout
  #turn: Promise<void> = Promise.resolve()
  #flushing = false
  #syncing: Promise<void> | null = null
  #syncedAt: Milliseconds
  #syncedBytes: Bytes
  #closed: Promise<string> | null = null

  private constructor(file: AppendFile, options: WriterOptions) {
    const { now = clockFromHere() } = options
    const maxBytes = Math.max(options.maxBytes ?? DEFAULT_MAX_BYTES, LEAST_MAX_BYTES)
    this.#path = file.path
    this.#now = now
    this.#onFailure = options.onFailure ?? (() => {})
    this.#lines = new LineBuffer(BUFFER_BYTES)
    const budget = Math.min(maxBytes * INTERNED_SHARE, INTERNED_BYTES)
    this.#interner = new Interner((line) => !this.failure && this.#lines.push(line, true), budget)
    this.#maxLineBytes = maxBytes * LINE_SHARE
    this.#cap = new SizeCap(file, maxBytes, {
      now,
      internedBytes: () => this.#interner.bytes,
      inTurn: (task) => this.#inTurn(task),
    })
    this.#syncedAt = performance.now()
    this.#syncedBytes = file.size
    this.#timer = setInterval(() => this.#tick(), FLUSH_MS).unref()
  }

  /**
   * Creates the file, also its folder, with the header in it.
   * @throws {HoldupError} `output-not-writable` or `disk-full`.
   */
  static async open(path: string, header: Header, options: WriterOptions = {}): Promise<RecordingWriter> {
    try {
      await mkdir(dirname(path), { recursive: true })
      for (const stale of ['.gz', '.gz.part', '.thin']) await rm(path + stale, { force: true })
      const file = await AppendFile.create(path)
      try {
        // In this order: a reader may tell a recording by how it begins.
        const { format, version, ...rest } = header
        await file.append(Buffer.from(encodeLine({ format, version, ...rest }) ?? ''))
        await file.sync()
      } catch (error) {
        await file.remove()
        throw error
      }
      return new RecordingWriter(file, options)
    } catch (error) {
      throw writeError(path, error)
    }
  }

  /** Bytes written so far. */
  get bytes(): Bytes {
    return this.#cap.file.size
  }

  string(text: string): number {
    try {
      return this.#interner.string(text)
    } catch {
      // No text at all.
      return this.#interner.string('')
    }
  }

  stack(frames: readonly string[]): number {
    try {
      return this.#interner.stack(frames)
    } catch {
      return this.#interner.stack([])
    }
  }

  add(record: AnyRecord): void {
    if (this.failure || this.#closed) return
    const line = encodeLine(record)
    if (line === null || line.length > this.#maxLineBytes) this.#lines.lose()
    else this.#lines.push(line)
    if (this.#lines.bytes > APPEND_BYTES) this.#tick()
  }

  /**
   * Ends the recording and compresses it. Never rejects: after a failure there is no `end` record, and what can't be
   * compressed stays plain.
   * @returns the path of the finished recording.
   */
  close(end: Omit<RecordOf<'end'>, 'k' | 't'> & { t?: Milliseconds }): Promise<string> {
    this.#closed ??= this.#close({ k: 'end', t: this.#now(), ...end })
    return this.#closed
  }

  async #close(end: RecordOf<'end'>): Promise<string> {
    clearInterval(this.#timer)
    this.#noteLost()
    this.#lines.push(encodeLine(end) ?? '', true)
    if (this.#cap.fits(this.#lines.bytes)) this.#cap.abort()
    await this.#cap.settled()
    await this.#inTurn(() => this.#flush())
    while (this.#lines.bytes > 0 && !this.failure) {
      await this.#cap.settled()
      await this.#inTurn(() => this.#flush())
    }
    this.#cap.abort()
    await this.#cap.settled()
    try {
      await this.#syncing
      if (!this.failure) await this.#cap.file.sync()
      await this.#cap.file.close()
      return await compressFile(this.#path)
    } catch (error) {
      this.#fail(error)
      return this.#path
    }
  }

  #tick(): void {
    if (this.#flushing || this.failure) return
    this.#flushing = true
    this.#noteLost()
    void this.#inTurn(() => this.#flush()).finally(() => {
      this.#flushing = false
    })
  }

  /** One task at a time touches the file. Never rejects: an error is kept as the failure. */
  #inTurn(task: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(task).catch((error: unknown) => this.#fail(error))
    return this.#turn
  }

  async #flush(): Promise<void> {
    while (this.#lines.bytes > 0 && !this.failure) {
      const bytes = this.#lines.take(Math.min(this.#cap.room, APPEND_BYTES))
      if (bytes.length === 0) break
      await this.#cap.file.append(bytes)
    }
    if (performance.now() - this.#syncedAt >= SYNC_MS && this.bytes !== this.#syncedBytes) this.#sync()
    if (!this.failure) this.#cap.keep(this.#lines.bytes)
  }

  /** Beside the writing, which must not wait for a slow disk. */
  #sync(): void {
    const { bytes } = this
    this.#syncing ??= this.#cap.file
      .sync()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#syncing = null
        this.#syncedAt = performance.now()
        this.#syncedBytes = bytes
      })
  }

  #noteLost(): void {
    const n = this.#lines.takeLost()
    if (n > 0) this.#lines.push(encodeLine({ k: 'dropped', t: this.#now(), pid: 0, tid: 0, n }) ?? '', true)
  }

  #fail(error: unknown): void {
    if (this.failure) return
    this.failure = writeError(this.#path, error)
    this.#lines.clear()
    try {
      this.#onFailure(this.failure)
    } catch {
      // The caller's own error must not reach a probe.
    }
  }
}

function clockFromHere(): () => Milliseconds {
  const start = performance.now()
  return () => performance.now() - start
}
