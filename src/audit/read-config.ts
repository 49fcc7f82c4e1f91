/** Reads a configuration and says where it is wrong. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type DocumentNode, parse, type AnyNode } from '@humanwhocodes/momoa'
import * as v from 'valibot'
import { HoldupError } from '../errors.ts'
import { type Config, configSchema } from './config.ts'

/** Tried in this order where none is named. */
const NAMES = ['holdup.config.json', 'holdup.config.js', 'holdup.config.mjs'] as const

/** A configuration that is valid, and where its strings stand. */
export interface ReadConfig {
  /** Its file, absolute. */
  file: string
  config: Config
  /** Line of each budget, by its text; empty for a file in JavaScript. */
  lines: ReadonlyMap<string, number>
}

/**
 * Reads the file, or the first of `holdup.config.json`, `.js` and `.mjs` in this folder. JSON may have comments; a file in
 * JavaScript exports the same as its default.
 * @throws {HoldupError} `config-not-found`; `config-wrong` with the place of the mistake: file, line, column and path.
 */
export async function readConfig(given: string | undefined): Promise<ReadConfig> {
  const name = given ?? NAMES.find((candidate) => existsSync(candidate)) ?? NAMES[0]
  const file = resolve(name)
  if (!existsSync(file)) throw new HoldupError('config-not-found', { path: name })
  if (/\.[cm]?js$/.test(name))
    return { file, config: validate(await importDefault(file, name), name), lines: new Map() }
  const tree = parseJson(readText(file, name), name)
  return { file, config: validate(valueOf(tree.body), name, tree), lines: linesOf(tree) }
}

function readText(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new HoldupError('config-not-found', { path: name, reason: (error as Error).message })
  }
}

async function importDefault(file: string, name: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown }
    return module.default
  } catch (error) {
    throw new HoldupError('config-wrong', { place: name, path: '', reason: String(error) }, { cause: error })
  }
}

function parseJson(text: string, name: string): DocumentNode {
  try {
    return parse(text, { mode: 'jsonc', ranges: false })
  } catch (error) {
    const { line, column, message } = error as Error & { line?: number; column?: number }
    const place = line === undefined ? name : `${name}:${line}:${column ?? 1}`
    throw new HoldupError('config-wrong', { place, path: '', reason: jsonProblem(message) })
  }
}

/** The parser's own words, with the characters that it calls by names. */
function jsonProblem(message: string): string {
  const characters: Record<string, string> = {
    LBrace: '{',
    RBrace: '}',
    LBracket: '[',
    RBracket: ']',
    Comma: ',',
    Colon: ':',
  }
  return message
    .replace(/\s*\(\d+:\d+\)$/, '')
    .replace(/token (\w+) found/, (whole, name: string) => (characters[name] ? `"${characters[name]}"` : whole))
}

function validate(value: unknown, name: string, tree?: DocumentNode): Config {
  const checked = v.safeParse(configSchema, value)
  if (checked.success) return checked.output
  const [issue] = checked.issues
  const keys = (issue.path ?? []).map(({ key }) => String(key))
  const at = tree && nodeAt(tree.body, keys).loc.start
  const more = checked.issues.length - 1
  throw new HoldupError('config-wrong', {
    place: at ? `${name}:${at.line}:${at.column}` : name,
    path: keys.join('.') || 'the configuration',
    reason: `${reasonOf(issue)}${more > 0 ? `; and ${more} more` : ''}`,
  })
}

function reasonOf(issue: v.BaseIssue<unknown>): string {
  if (issue.type === 'strict_object' && issue.expected === 'never') return 'there is no such setting'
  if (issue.received === 'undefined') return 'it is missing'
  return issue.kind === 'schema' ? `it is ${issue.received}, not ${expected(issue)}` : issue.message
}

function expected({ expected }: v.BaseIssue<unknown>): string {
  return { Object: 'an object', Array: 'a list' }[expected ?? ''] ?? `a ${expected ?? 'value'}`
}

/** The node of a path, or of as much of it as there is; of an object's member its key. */
function nodeAt(node: AnyNode, [key, ...rest]: readonly string[]): AnyNode {
  if (key === undefined) return node
  if (node.type === 'Object') {
    const member = node.members.find(({ name }) => nameOf(name) === key)
    if (!member) return node
    return rest.length === 0 && !isLeaf(member.value) ? member.name : nodeAt(member.value, rest)
  }
  const element = node.type === 'Array' ? node.elements[Number(key)] : undefined
  return element ? nodeAt(element.value, rest) : node
}

function isLeaf({ type }: AnyNode): boolean {
  return type !== 'Object' && type !== 'Array'
}

function nameOf(name: { type: 'String'; value: string } | { type: 'Identifier'; name: string }): string {
  return name.type === 'String' ? name.value : name.name
}

/** Duplicate names and `__proto__` included, as JSON.parse has them: the last one counts, and nothing is inherited. */
function valueOf(node: AnyNode): unknown {
  if (node.type === 'Object')
    return Object.fromEntries(node.members.map(({ name, value }) => [nameOf(name), valueOf(value)]))
  if (node.type === 'Array') return node.elements.map(({ value }) => valueOf(value))
  if (node.type === 'String' || node.type === 'Number' || node.type === 'Boolean') return node.value
  return node.type === 'Null' ? null : undefined
}

function linesOf(tree: DocumentNode): Map<string, number> {
  const lines = new Map<string, number>()
  const walk = (node: AnyNode): void => {
    if (node.type === 'String') lines.set(node.value.trim(), node.loc.start.line)
    if (node.type === 'Object') node.members.forEach(({ value }) => walk(value))
    if (node.type === 'Array') node.elements.forEach(({ value }) => walk(value))
  }
  walk(tree.body)
  return lines
}
