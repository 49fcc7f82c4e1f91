/** `holdup.config.json`: what is run, and the limits that it must hold. */
import * as v from 'valibot'
import { type Budget, parseBudget } from './budget.ts'
import { parseTime } from '../units.ts'

const filled = v.pipe(v.string(), v.minLength(1, 'it is empty'))
const count = v.pipe(v.number(), v.integer('it is no whole number'), v.minValue(1, 'it is less than 1'))
/** `10s`, `500ms`, `2m`. */
const time = v.pipe(
  v.string(),
  v.check(
    (given) => parseTime(given) !== null,
    'it is no duration, which is a number above 0 with ms, s, m or h: "15s"',
  ),
)
const url = v.pipe(
  v.string(),
  v.check(
    (given) => given.startsWith('/') || /^https?:\/\/./.test(given),
    'it is neither a path ("/search?q=tree") nor an http URL ("http://127.0.0.1:$PORT/search?q=tree")',
  ),
)
const budget = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return
    const parsed = parseBudget(dataset.value)
    if ('problem' in parsed) addIssue({ message: parsed.problem })
  }),
)
const budgets = v.array(budget)

const scenario = v.strictObject({
  /** A shell's command line; `$PORT` in its environment is a free port. */
  command: filled,
  env: v.optional(v.record(v.string(), v.string()), {}),
  load: v.optional(
    v.strictObject({
      /** A path where the command listens, or an URL in which `$PORT` may stand. */
      url,
      connections: v.optional(count, 32),
      /** File of paths, one a line. */
      requestsFrom: v.optional(filled),
    }),
  ),
  /** A shell's command that drives load instead, when the command listens: `wrk … $PORT`. */
  onPort: v.optional(filled),
  /** Of the load; without one, of the recording. */
  duration: v.optional(time, '10s'),
  /** Left out of what is judged. */
  warmup: v.optional(time, '2s'),
  /** When the command is ready for its load: as soon as this answers, within `timeout`. */
  ready: v.optional(v.strictObject({ url, timeout: v.optional(time, '60s') })),
  budgets: v.optional(budgets, []),
})

/** Of `holdup.config.json`, published as a JSON Schema. */
export const configSchema = v.strictObject({
  $schema: v.optional(v.string()),
  scenarios: v.pipe(
    v.record(
      v.pipe(
        v.string(),
        v.regex(/^[\w.-]{1,60}$/, 'the name of a scenario has letters, digits, ".", "-" and "_" only'),
      ),
      scenario,
    ),
    v.check((given) => Object.keys(given).length > 0, 'there is none'),
  ),
  /** Of each scenario. */
  budgets: v.optional(budgets, []),
  /** The most runs of a scenario whose first one is near a limit; its medians count. */
  repeat: v.optional(count, 3),
  /** What is near: within this share of the limit. */
  nearMiss: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1, 'it is a share, 0 to 1')), 0.2),
  /** Folder of the baselines' recordings. */
  baselines: v.optional(filled, 'holdup-baselines'),
})

export type Config = v.InferOutput<typeof configSchema>

/** A scenario's budgets, the common ones first. */
export function budgetsOf(config: Config, name: string): Budget[] {
  const texts = [...config.budgets, ...(config.scenarios[name]?.budgets ?? [])]
  return texts.flatMap((text) => {
    const parsed = parseBudget(text)
    return 'problem' in parsed ? [] : [parsed]
  })
}

export const EXAMPLE = `{
  "$schema": "./node_modules/holdup/dist/config.schema.json",
  "scenarios": {
    "search": {
      "command": "node server.js",
      "load": { "url": "/search?q=tree", "connections": 32 },
      "warmup": "2s",
      "duration": "15s",
      "budgets": [
        "signals.http.latencyMs.p99 < 100ms",
        "rows.cpu-per-request < 5ms",
        "signals.memory.rssPeakBytes < 500MB"
      ]
    }
  },
  "budgets": ["findings.critical = 0"]
}
`
