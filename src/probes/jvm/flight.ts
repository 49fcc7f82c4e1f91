import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as breath } from 'node:timers/promises'
import { askJvm } from './attach-socket.ts'
import { Exchange } from './exchange.ts'
import { type RawChunk, readChunks } from './jfr/read-chunks.ts'

/**
 * Each recording ends by itself after so long: that is what is left of holdup when it is killed. The next one begins, and this one is fetched,
 * far earlier.
 */
const DEAD_MANS_SECONDS = 90
/** What the JVM keeps of one on disk: more than it writes in that time unless it does hardly anything but wait. */
const MAX_SIZE = '100m'

/** JFR in one JVM: recordings that overlap, each of which is fetched, read and deleted when the next one has begun. */
export class Flight {
  readonly #pid: number
  readonly #exchange: Exchange
  /** Chunks that were read, by their start. */
  readonly #seen = new Set<bigint>()
  #number = 0
  #ended = false
  /** Chunks that could not be read. */
  broken = 0

  /** @throws Error with the reason why it cannot begin; nothing is left behind then. */
  static async begin(pid: number): Promise<Flight> {
    const flight = new Flight(pid)
    try {
      await flight.#start()
      return flight
    } catch (error) {
      flight.close()
      throw error
    }
  }

  private constructor(pid: number) {
    this.#pid = pid
    this.#exchange = new Exchange(pid)
  }

  /** Fetches what there is so far. */
  async turn(take: (chunk: RawChunk) => void): Promise<void> {
    const last = this.#number
    await this.#start()
    await this.#stop(last)
    await this.#read(last, take)
  }

  /** The stacks of all threads, with what they wait for and hold: a wait that has not ended is no event yet. Empty where it will not say. */
  async dumpThreads(): Promise<string> {
    return this.#ended ? '' : await askJvm(this.#pid, 'Thread.print').catch(() => '')
  }

  /** Has the JVM write all that there is, and record no more. */
  async end(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    await this.#stop(this.#number)
  }

  /** What was written last: by `end`, or by a JVM that ended before. */
  async readLast(take: (chunk: RawChunk) => void): Promise<void> {
    await this.#read(this.#number, take)
  }

  close(): void {
    this.#exchange.close()
  }

  async #start(): Promise<void> {
    const number = this.#number + 1
    const file = join(this.#exchange.inner, `${number}.jfr`)
    const answer = await askJvm(
      this.#pid,
      `JFR.start name=${nameOf(number)} settings=${this.#exchange.settings} filename=${file} dumponexit=true disk=true duration=${DEAD_MANS_SECONDS}s maxsize=${MAX_SIZE}`,
    )
    if (!/Started recording/.test(answer)) throw new Error(firstLine(answer))
    this.#number = number
  }

  async #stop(number: number): Promise<void> {
    await askJvm(this.#pid, `JFR.stop name=${nameOf(number)}`)
  }

  async #read(number: number, take: (chunk: RawChunk) => void): Promise<void> {
    const path = join(this.#exchange.outer, `${number}.jfr`)
    if (!existsSync(path)) return
    for await (const chunk of readChunks(path, this.#seen)) {
      try {
        if (chunk) take(chunk)
        else this.broken++
      } catch {
        this.broken++
      }
      // A chunk takes some tenths of a second: what else is to be done comes in between.
      await breath()
    }
    rmSync(path, { force: true })
  }
}

function nameOf(number: number): string {
  return `holdup-${process.pid}-${number}`
}

function firstLine(answer: string): string {
  return (
    answer
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? 'the JVM says nothing'
  )
}
