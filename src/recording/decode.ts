import * as v from 'valibot'
import { HoldupError } from '../errors.ts'
import { compileSchema, INVALID } from './compile-schema.ts'
import type { Check } from './compile-schema.ts'
import type { Recording } from './recording.ts'
import { FORMAT, headerSchema, recordSchemas, VERSION } from './schema.ts'
import type { AnyRecord, Header, RecordOf } from './schema.ts'
import { upgradeFrom } from './upgrade.ts'
import type { Upgrader } from './upgrade.ts'

/** A kind's check is made when its first record comes. */
const CHECKS = new Map<string, Check>()

/** Makes a recording out of its lines, none of which is trusted. */
export class Decoder {
  readonly recording: Omit<Recording, 'header'> & { header: Header | null }
  /** The record that ends a whole recording was seen. */
  ended = false
  readonly #path: string
  readonly #versions: { newest: number; from: (version: number) => Upgrader }
  #upgrader: Upgrader | null = null
  #lines = 0

  constructor(path: string, versions = { newest: VERSION as number, from: upgradeFrom }) {
    this.#path = path
    this.#versions = versions
    const problems = { invalidLines: 0, unknownKinds: 0, cutOff: null }
    this.recording = { header: null, records: [], strings: [], stacks: [], problems, file: path }
  }

  /** Throws HoldupError `recording-not-a-recording` or `recording-future-version` at the first line. */
  line(text: string): void {
    this.#lines++
    const value = parseObject(text)
    if (!this.recording.header) this.recording.header = this.#header(value)
    else if (value === null) this.invalid()
    else this.#record(value)
  }

  invalid(): void {
    this.recording.problems.invalidLines++
  }

  #header(header: Record<string, unknown> | null): Header {
    const path = this.#path
    const notOne = (reason: string) => new HoldupError('recording-not-a-recording', { path, reason })
    if (header?.['format'] !== FORMAT) throw notOne(`its first line is not a header with "format":"${FORMAT}"`)
    const { version, holdup } = header
    if (!Number.isInteger(version) || (version as number) < 1) throw notOne('its header has no version')
    if ((version as number) > this.#versions.newest) {
      const madeBy = typeof holdup === 'string' ? { madeBy: `holdup ${holdup}` } : {}
      throw new HoldupError('recording-future-version', {
        path,
        version: version as number,
        known: this.#versions.newest,
        ...madeBy,
      })
    }
    if ((version as number) < this.#versions.newest) this.#upgrader = this.#versions.from(version as number)
    const result = v.safeParse(headerSchema, this.#upgrader?.header(header) ?? header)
    if (!result.success) throw notOne(`its header is wrong at "${v.getDotPath(result.issues[0]) ?? ''}"`)
    return result.output
  }

  #record(given: Record<string, unknown>): void {
    for (const value of this.#upgrader?.record(given) ?? [given]) {
      const check = checkOf(value['k'])
      if (!check) {
        if (typeof value['k'] === 'string') this.recording.problems.unknownKinds++
        else this.invalid()
        continue
      }
      const record = check(value)
      if (record === INVALID) this.invalid()
      else this.#keep(record as AnyRecord)
    }
  }

  #keep(record: AnyRecord): void {
    const { strings, stacks, records } = this.recording
    if (record.k === 'string') this.#define(strings, record.id, record.s, '')
    else if (record.k === 'stack') this.#define(stacks, record.id, record.frames, [])
    else records.push(record)
    if (record.k === 'end') this.ended = true
  }

  /** Ids count up from 0. Where lines are missing the gap stays empty; an id past the number of lines is a lie. */
  #define<T>(list: T[], id: RecordOf<'string'>['id'], value: T, empty: T): void {
    if (id < list.length || id > this.#lines) return this.invalid()
    while (list.length < id) list.push(empty)
    list.push(value)
  }
}

function checkOf(kind: unknown): Check | undefined {
  if (typeof kind !== 'string') return undefined
  const known = CHECKS.get(kind)
  if (known || !Object.hasOwn(recordSchemas, kind)) return known
  const check = compileSchema(recordSchemas[kind as keyof typeof recordSchemas])
  CHECKS.set(kind, check)
  return check
}

function parseObject(text: string): Record<string, unknown> | null {
  // A recording of nothing but other lines would else cost an exception each.
  if (!text.startsWith('{')) return null
  try {
    const value: unknown = JSON.parse(text)
    return value as Record<string, unknown>
  } catch {
    return null
  }
}
