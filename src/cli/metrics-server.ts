import { createServer, type Server } from 'node:http'
import { HoldupError } from '../errors.ts'
import { renderPrometheus } from '../report/prometheus.ts'
import { latestReport } from './latest-report.ts'
import type { LiveView } from './record-options.ts'

const LOOPBACK = '127.0.0.1'
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** `9464`, `0.0.0.0:9464`, `[::]:9464`. Throws HoldupError `bad-option-value`. */
export function parseAddress(given: string): { host: string; port: number } {
  const [, host = LOOPBACK, digits = ''] = /^(?:(.+):)?(\d+)$/.exec(given) ?? []
  const port = Number(digits)
  if (digits !== '' && port < 65_536) return { host: host.replace(/^\[(.*)\]$/, '$1'), port }
  throw new HoldupError('bad-option-value', { option: '--prometheus', given, allowed: ['9464', '0.0.0.0:9464'] })
}

/**
 * Serves the figures of the last ten seconds to Prometheus while a recording is made, at `/metrics`.
 * Rejects with HoldupError `metrics-not-served`.
 */
export async function serveMetrics({ host, port }: { host: string; port: number }): Promise<LiveView> {
  let render: () => string = () => ''
  const server = createServer(({ url }, response) => {
    const path = url?.split('?')[0]
    if (path !== '/metrics') {
      response.writeHead(path === '/' ? 302 : 404, path === '/' ? { location: '/metrics' } : {}).end()
      return
    }
    response.writeHead(200, { 'content-type': CONTENT_TYPE }).end(render())
  })
  await listening(server, host, port)
  server.unref()
  return {
    start({ recent, header, now }) {
      render = () => renderPrometheus(latestReport(recent, header, now()))
    },
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new HoldupError('metrics-not-served', { host, port, reason: error.message })),
    )
    server.listen(port, host, resolve)
  })
}
