// The program that bench/compare.ts compares with itself: each request waits for some 60 ms and computes for two or
// three, so that more CPU hardly changes what it takes.
// EXTRA_CPU: by what share it computes more.
import { createServer } from 'node:http'

const ROUNDS = 2_400_000
const WAIT_MS = 40
const WAIT_MORE_MS = 40
const rounds = Math.round(ROUNDS * (1 + Number(process.env.EXTRA_CPU ?? 0)))

function compute() {
  let x = 1
  for (let i = 0; i < rounds; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0
  return x
}

const server = createServer((_, response) => {
  // Not all at once, or they would queue for the CPU.
  setTimeout(() => response.end(`${compute()}\n`), WAIT_MS + Math.random() * WAIT_MORE_MS)
})
server.listen(Number(process.env.PORT), '127.0.0.1')
process.on('SIGTERM', () => process.exit())
