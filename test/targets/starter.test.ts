import { describe, expect, it } from 'vitest'
import { isHoldup, isStarter } from '../../src/targets/starter.ts'

/** A process with that command line, its words apart by single spaces. */
function running(line: string): Parameters<typeof isStarter>[0] {
  const argv = line.split(' ')
  return { pid: 1, ppid: 0, start: 0, comm: argv[0]?.split('/').at(-1) ?? '', argv }
}

describe('a starter is', () => {
  it.each([
    'sh -c node\u00a0server.js',
    '-bash',
    '/usr/bin/zsh',
    'sudo -E node server.js',
    '/usr/bin/env node server.js',
    'timeout 60 node server.js',
    '/lib/systemd/systemd --user',
    '/sbin/docker-init -- node server.js',
    'node /usr/lib/node_modules/npm/bin/npm-cli.js start',
    'npm start',
    'npx server',
    'node /usr/bin/yarn start',
    'node /app/node_modules/.bin/nodemon server.js',
    'node --no-warnings /app/node_modules/.bin/tsx server.ts',
    'node /app/node_modules/tsx/dist/cli.mjs server.ts',
    'node --watch server.js',
    'node --watch-path=src server.js',
  ])('%s', (line) => {
    expect(isStarter(running(line))).toBe(true)
  })
})

describe('no starter is', () => {
  it.each([
    'node server.js',
    'node --require /app/node_modules/npm server.js',
    'node server.js --watch',
    '/usr/local/bin/node --import tsx server.ts',
    'node /srv/npm-registry/server.js',
    'python3 app.py',
    './server sh',
    'bashful',
    'nginx: master process',
  ])('%s', (line) => {
    expect(isStarter(running(line))).toBe(false)
  })

  it('a kernel-named process without a command line', () => {
    expect(isStarter({ pid: 1, ppid: 0, start: 0, comm: 'server', argv: [] })).toBe(false)
    expect(isStarter({ pid: 1, ppid: 0, start: 0, comm: 'bash', argv: [] })).toBe(true)
  })
})

it.each([
  ['node /usr/local/bin/holdup attach 7', true],
  ['node --no-warnings /app/node_modules/.bin/holdup run -- node server.js', true],
  ['node /app/node_modules/holdup/dist/cli/main.js top', true],
  ['node /srv/holdup/server.js', false],
  ['node server.js holdup', false],
  ['npx holdup run -- node server.js', false],
])('%s is holdup: %s', (line, expected) => {
  expect(isHoldup(running(line))).toBe(expected)
})
