/** A headless Chromium, driven over its debugging pipe: what the HTML report's browser tests need and no more. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--hide-scrollbars',
  '--remote-debugging-pipe',
]

/** Where Debian and others put it; null when there is none. */
export const CHROMIUM: string | null =
  [process.env['CHROMIUM'] ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    (path) => path !== '' && existsSync(path),
  ) ?? null

interface Message {
  id?: number
  method?: string
  sessionId?: string
  params?: Record<string, unknown>
  result?: Record<string, unknown>
  error?: { message: string }
}

/** An open page. */
interface BrowserPage {
  /** Every console message, uncaught error, broken policy and request beyond the page itself, as text. */
  complaints: string[]
  /** Runs an expression in the page; promises are awaited. */
  evaluate(expression: string): Promise<unknown>
  send(method: string, params?: Record<string, unknown>): Promise<Record<string, unknown>>
  close(): Promise<void>
}

/** A running browser. */
export interface Browser {
  /** Opens a file in a page of its own, `width` pixels wide. */
  open(file: string, options?: { width?: number; height?: number; dark?: boolean }): Promise<BrowserPage>
  close(): Promise<void>
}

/** Starts a browser with an empty profile. */
export async function startBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'holdup-chromium-'))
  const child = spawn(CHROMIUM ?? 'chromium', [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  })
  const connection = speak(child)
  return {
    open: (file, options = {}) => openPage(connection, file, options),
    async close() {
      await connection.send('Browser.close')
      if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve))
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    },
  }
}

async function openPage(
  { send, on }: ReturnType<typeof speak>,
  file: string,
  { width = 1280, height = 900, dark = false },
): Promise<BrowserPage> {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' })
  const sessionId = String((await send('Target.attachToTarget', { targetId, flatten: true }))['sessionId'])
  const ask = (method: string, params: Record<string, unknown> = {}) => send(method, params, sessionId)
  const hear = (method: string, listener: Listener) => on(`${sessionId} ${method}`, listener)

  const complaints: string[] = []
  hear('Runtime.consoleAPICalled', (params) => complaints.push(JSON.stringify(params['args'])))
  hear('Runtime.exceptionThrown', (params) => complaints.push(JSON.stringify(params['exceptionDetails'])))
  hear('Log.entryAdded', (params) => complaints.push(JSON.stringify(params['entry'])))
  hear('Network.requestWillBeSent', (params) => {
    const { url } = params['request'] as { url: string }
    if (url !== `file://${file}`) complaints.push(`request: ${url.slice(0, 200)}`)
  })
  for (const domain of ['Runtime', 'Log', 'Network', 'Page']) await ask(`${domain}.enable`)
  await ask('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false })
  await ask('Emulation.setEmulatedMedia', {
    features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
  })
  await ask('Emulation.setFocusEmulationEnabled', { enabled: true })
  const loaded = new Promise<void>((resolve) => hear('Page.loadEventFired', () => resolve()))
  await ask('Page.navigate', { url: `file://${file}` })
  await loaded
  return {
    complaints,
    send: ask,
    async evaluate(expression) {
      const answer = await ask('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
      return (answer['result'] as { value?: unknown }).value
    },
    async close() {
      await send('Target.closeTarget', { targetId })
    },
  }
}

type Listener = (params: Record<string, unknown>) => void

/** Messages end in NUL, out on descriptor 3, in on 4. */
function speak(child: ChildProcess) {
  const [, , , out, input] = child.stdio as unknown as [null, null, null, Writable, Readable]
  const waiting = new Map<number, (message: Message) => void>()
  const listeners = new Map<string, Listener>()
  let rest = ''
  let last = 0
  input.setEncoding('utf8')
  input.on('data', (text: string) => {
    const messages = `${rest}${text}`.split('\0')
    rest = messages.pop() ?? ''
    for (const line of messages) {
      const message = JSON.parse(line) as Message
      if (message.id !== undefined) waiting.get(message.id)?.(message)
      else if (message.method !== undefined)
        listeners.get(`${message.sessionId} ${message.method}`)?.(message.params ?? {})
    }
  })
  return {
    on: (event: string, listener: Listener) => void listeners.set(event, listener),
    send: (
      method: string,
      params: Record<string, unknown> = {},
      sessionId?: string,
    ): Promise<Record<string, unknown>> =>
      new Promise((resolve, reject) => {
        const id = ++last
        waiting.set(id, ({ result, error }) =>
          error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result ?? {}),
        )
        out.write(`${JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) })}\0`)
      }),
  }
}
