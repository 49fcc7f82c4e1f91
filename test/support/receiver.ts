/** A server that keeps what is posted to it. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

interface Posted {
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  body: Buffer
}

/** What it keeps, by path; closed after the test. `answer`: by default 200 and nothing. */
export async function startReceiver(
  answer: (response: ServerResponse, posted: Posted) => void = (response) => void response.end(),
): Promise<{ url: string; port: number; posted: Posted[]; at(path: string): Posted[] }> {
  const posted: Posted[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://receiver')
      const one = { path: pathname, query: searchParams, headers: request.headers, body: Buffer.concat(chunks) }
      posted.push(one)
      answer(response, one)
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port, posted, at: (path) => posted.filter((each) => each.path === path) }
}
