import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server that knows of itself what a client should have measured. */
export interface MeasuringServer {
  url: string
  server: Server
  paths: string[]
  /** Milliseconds from a request's headers to the last byte of its response handed to the socket. */
  times: number[]
  close(): Promise<void>
}

export async function measuringServer(answer: RequestListener): Promise<MeasuringServer> {
  const paths: string[] = []
  const times: number[] = []
  const server = createServer((request, response) => {
    const start = performance.now()
    paths.push(request.url ?? '')
    response.on('finish', () => times.push(performance.now() - start))
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${port}/`, server, paths, times, close }
}
