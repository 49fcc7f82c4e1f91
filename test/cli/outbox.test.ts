import { expect, it } from 'vitest'
import { Outbox } from '../../src/cli/outbox.ts'
import { below, parsePairs, parseReceiver } from '../../src/cli/receiver.ts'
import { HoldupError } from '../../src/errors.ts'
import { until } from '../support/process.ts'
import { startReceiver } from '../support/receiver.ts'

const parse = parseReceiver('--otlp', 'http://127.0.0.1:4318')

function outboxTo(url: string): { said: string[]; outbox: Outbox; put: (body: string, bytes?: number) => void } {
  const said: string[] = []
  const receiver = parse(url)
  const outbox = new Outbox(receiver, (text) => said.push(text))
  return { said, outbox, put: (body, bytes = 1) => outbox.put({ url: below(receiver, 'v1/metrics'), body, bytes }) }
}

it('sends in order, with the login as a header', async () => {
  const receiver = await startReceiver()
  const { outbox, put, said } = outboxTo(receiver.url.replace('//', '//me:s%40crecy@'))
  for (const body of ['a', 'b', 'c']) put(body)
  await outbox.close(2000)
  expect(receiver.posted.map(({ path, body }) => `${path} ${body.toString()}`)).toEqual([
    '/v1/metrics a',
    '/v1/metrics b',
    '/v1/metrics c',
  ])
  expect(receiver.posted[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:s@crecy').toString('base64')}`)
  expect(said).toEqual([])
})

it('keeps what a receiver is too busy for, warns once, drops what it refuses', async () => {
  let status = 503
  const receiver = await startReceiver((response) => response.writeHead(status).end('not now'))
  const { outbox, put, said } = outboxTo(receiver.url)
  put('a')
  await until(() => receiver.posted.length === 1)
  put('b')
  await until(() => receiver.posted.length === 2)
  status = 200
  put('c')
  await until(() => receiver.posted.length === 5)
  status = 400
  put('d')
  put('e')
  await outbox.close(2000)
  expect(receiver.posted.map(({ body }) => body.toString()).join('')).toBe('aaabcde')
  expect(said).toEqual([`${receiver.url}/v1/metrics does not take what is pushed: it answers 503 not now`])
})

it('a redirect is not followed: the headers are meant for one receiver', async () => {
  const receiver = await startReceiver((response) => response.writeHead(307, { location: '/elsewhere' }).end())
  const { outbox, put, said } = outboxTo(receiver.url)
  put('a')
  await outbox.close(2000)
  expect(receiver.at('/elsewhere')).toEqual([])
  expect(said).toEqual([expect.stringContaining('it answers 307')])
})

it('a part that is rejected is told', async () => {
  const said = '{"partialSuccess":{"rejectedDataPoints":"2","errorMessage":"too old"}}'
  const receiver = await startReceiver((response) => void response.end(said))
  const outbox = outboxTo(receiver.url)
  outbox.put('a')
  await outbox.outbox.close(2000)
  expect(outbox.said).toEqual([expect.stringContaining('too old')])
})

it('of what waits the oldest goes first, by number and by bytes', async () => {
  let status = 503
  const receiver = await startReceiver((response) => response.writeHead(status).end())
  const { outbox, put } = outboxTo(receiver.url)
  put('first')
  await until(() => receiver.posted.length === 1)
  for (let i = 0; i < 100; i++) put(`${i}`)
  put('large', 15.99e6)
  await until(() => receiver.posted.length > 1)
  status = 200
  const before = receiver.posted.length
  await outbox.close(2000)
  const sent = receiver.posted.slice(before).map(({ body }) => body.toString())
  expect(sent.length).toBeLessThanOrEqual(61)
  expect(sent.at(-1)).toBe('large')
  expect(sent).not.toContain('first')
})

it('waits for a receiver that never answers no longer than it may', async () => {
  const receiver = await startReceiver(() => {})
  const { outbox, put, said } = outboxTo(receiver.url)
  put('a')
  await until(() => receiver.posted.length === 1)
  const began = performance.now()
  await outbox.close(300)
  expect(performance.now() - began).toBeLessThan(1500)
  expect(said).toEqual([expect.stringContaining('no answer within 0.3 s of the end')])
})

it('an endpoint that is none is an error that shows no password', () => {
  for (const given of ['ftp://me:hush@host/', 'me:hush@host:4318', '//me:hush@host']) {
    const error = (() => {
      try {
        return parse(given)
      } catch (thrown) {
        return thrown
      }
    })()
    expect(error, given).toBeInstanceOf(HoldupError)
    expect(JSON.stringify(error)).not.toContain('hush')
  }
  expect(below(parse('https://me:hush@host/otlp/?key=1'), 'v1/logs').href).toBe('https://host/otlp/v1/logs?key=1')
})

it('pairs of the standard variables', () => {
  expect(parsePairs('api-key=a%20b, other = c=d ,broken,=x,bad=%zz')).toEqual({
    'api-key': 'a b',
    other: 'c=d',
    bad: '%zz',
  })
  expect(parsePairs(undefined)).toEqual({})
})
