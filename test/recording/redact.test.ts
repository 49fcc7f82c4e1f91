import { describe, expect, test } from 'vitest'
import { redactCommand, redactFrame, redactUrl } from '../../src/recording/redact.ts'
import { randomFrom } from './generate.ts'

/** A quadratic search of 128 kB takes several seconds; a linear one a few milliseconds, on a machine with other work tens of them. */
const QUICK_MS = 500

/** Must appear in no output. */
const SECRET = 'hunter2'
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'

describe('flags, variables and fields with secret names', () => {
  test.each([
    [['--token', SECRET], '--token ***'],
    [[`--token=${SECRET}`], '--token=***'],
    [['--password', 'correct horse battery'], '--password ***'],
    [['--passphrase=correct horse battery'], '--passphrase=***'],
    [['-password', SECRET], '-password ***'],
    [['--api-key', SECRET], '--api-key ***'],
    [['--apiKey', SECRET], '--apiKey ***'],
    [['--client_secret', SECRET], '--client_secret ***'],
    [['--dbPassword', SECRET, '--port', '5432'], '--dbPassword *** --port 5432'],
    [['--private-key', SECRET], '--private-key ***'],
    [['--session-id', SECRET], '--session-id ***'],
    [['--token', '-hunter2'], '--token ***'],
    [['--auth', '--verbose'], '--auth --verbose'],
    [['--auth', '-v'], '--auth -v'],
    [['--auth=true'], '--auth=true'],
    [[`PGPASSWORD=${SECRET}`, 'psql'], 'PGPASSWORD=*** psql'],
    [[`AWS_SECRET_ACCESS_KEY=${SECRET}`], 'AWS_SECRET_ACCESS_KEY=***'],
    [[`STRIPE_KEY=${SECRET}`], 'STRIPE_KEY=***'],
    [['-e', `GITHUB_TOKEN=${SECRET}`], '-e GITHUB_TOKEN=***'],
    [[`-Dspring.datasource.password=${SECRET}`], '-Dspring.datasource.password=***'],
    [[`host=db password=${SECRET} sslmode=off`], "'host=db password=*** sslmode=off'"],
    [[`Server=db;Password=${SECRET};Pool=5`], "'Server=db;Password=***;Pool=5'"],
    [[`{"password":"${SECRET} x","port":5}`], `'{"password":"***","port":5}'`],
    [[`{"a":{"apiKey": '${SECRET}'}}`], String.raw`'{"a":{"apiKey": '\''***'\''}}'`],
    [[`{\\"token\\":\\"${SECRET}\\"}`], String.raw`'{\"token\":\"***\"}'`],
    [[`--header=X-Api-Key: ${SECRET}`], "'--header=X-Api-Key: ***'"],
    [[`X-Auth-Token:${SECRET}`], 'X-Auth-Token:***'],
  ])('%j → %s', (args, expected) => {
    expect(redactCommand(['app', ...args])).toBe(`app ${expected}`)
  })
})

describe('headers, logins and scripts', () => {
  test.each([
    [['curl', '-H', `Authorization: Bearer ${SECRET}`], "curl -H 'Authorization: ***'"],
    [['curl', '-H', `Cookie: a=${SECRET}; b=${SECRET}`], "curl -H 'Cookie: ***'"],
    [['x', `say Bearer ${SECRET}${SECRET}`], "x 'say Bearer ***'"],
    [['curl', '-u', `me:${SECRET}`, 'http://h/'], 'curl -u me:*** http://h/'],
    [['curl', `-ume:${SECRET}`], 'curl -ume:***'],
    [['mysql', '-uroot', `-p${SECRET}`, 'db'], 'mysql -uroot -p*** db'],
    [['/usr/bin/mysqldump', `-p${SECRET}`], '/usr/bin/mysqldump -p***'],
    [['sshpass', '-p', SECRET, 'ssh', 'h'], 'sshpass -p *** ssh h'],
    [['redis-cli', '-a', SECRET], 'redis-cli -a ***'],
    [['node', 'server.js', '-p', '3000'], 'node server.js -p 3000'],
    [
      ['sh', '-c', `TOKEN=${SECRET} node a.js --password ${SECRET} && ls`],
      "sh -c 'TOKEN=*** node a.js --password *** && ls'",
    ],
    [['bash', '-lc', `mysql -uroot -p${SECRET} db`], "bash -lc 'mysql -uroot -p*** db'"],
    [['sh', '-c', `curl -H "Authorization: Bearer ${SECRET}" h`], `sh -c 'curl -H "Authorization: ***" h'`],
    [['sh', '-c', `export PASSWORD="a ${SECRET}"; run`], `sh -c 'export PASSWORD="***"; run'`],
  ])('%j → %s', (argv, expected) => {
    expect(redactCommand(argv)).toBe(expected)
  })
})

describe('tokens by their shape', () => {
  test.each([
    'sk_live_4eC39HqLyjWDarjtT1zdp7dc',
    'sk-proj-abcdefghijklmnop1234',
    `ghp_${'a1B2'.repeat(9)}`,
    `github_pat_${'a1B2'.repeat(9)}`,
    'glpat-abcdefghij1234567890',
    'AKIAIOSFODNN7EXAMPLE',
    'xoxb-123456789012-abcdefghijkl',
    'xoxp-1234567890-abc',
    'AIzaSyA1234567890abcdefghijklmnopqrstuv',
    `npm_${'aB3d'.repeat(9)}`,
    'hvs.CAESIJabcdefghijklmnop',
    JWT,
    '-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nabc\n-----END RSA PRIVATE KEY-----',
    '-----BEGIN PRIVATE KEY-----\nMIIEowIBAAKCAQEA',
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    '550e8400-e29b-41d4-a716-446655440000',
    'Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZg==',
  ])('%s', (token) => {
    for (const argv of [
      ['app', token],
      ['app', `--value=${token}`],
      ['app', `prefix ${token} suffix`],
    ]) {
      const shown = redactCommand(argv)
      expect(shown).toContain('***')
      for (const piece of token.split(/[\s.]/).filter((part) => part.length > 12)) expect(shown).not.toContain(piece)
    }
    expect(redactCommand(['app', `https://hooks.example/${token.replaceAll(/\s/g, '')}/x`])).toContain('***')
  })

  test('random bytes in any usual alphabet', () => {
    const random = randomFrom(1)
    const bytes = (count: number) => Buffer.from(Array.from({ length: count }, () => random() * 256))
    for (let round = 0; round < 200; round++) {
      for (const token of [bytes(20).toString('hex'), bytes(30).toString('base64url')]) {
        expect(redactCommand(['app', token])).toBe('app ***')
      }
      // One that begins with a slash may be a path: its long parts go.
      expect(redactCommand(['app', bytes(48).toString('base64')])).not.toMatch(/[\w+-]{24,}/)
    }
  })
})

describe('what is no secret stays readable', () => {
  test.each([
    ['node', '--max-old-space-size=4096', 'server.js', '--port', '3000', '--host', '0.0.0.0'],
    ['npm', 'run', 'test:auth:unit'],
    ['/usr/lib/x86_64-linux-gnu/some-long-folder-name/MyComponentFactoryBean2.js'],
    ['./node_modules/.bin/next', 'start', '--keepAliveTimeout', '70000'],
    ['java', '-Xmx4g', '-XX:+UseG1GC', '-jar', 'authentication-service-1.2.3-SNAPSHOT.jar'],
    ['app', '--no-auth', 'server.js', '--session-timeout', '30', '--max-tokens', '4096', '--token-file', '/run/token'],
    ['app', '--ssl-key=/etc/tls/server.key', '--tls-key', './certs/key.pem', 'PUBLIC_KEY=abc', 'PARTITION_KEY=id'],
    ['proxy', 'auth-service:8080', 'token:generate', 'localhost:3000', '[::1]:8080', 'http://localhost:3000/search'],
    ['git', 'clone', 'git@github.com:owner/repository.git', 'https://github.com/owner/repository.git'],
    ['npx', '@scope/package@1.2.3', 'a@b.example', '--author', 'me', '--keyboard', 'de', '--tokenizer', 'x'],
    ['docker', 'run', '-p', '8080:80', 'node:20-bookworm-slim', '--name', 'search_service_of_the_backend_team'],
    ['python', '-m', 'gunicorn', 'app:application', '--workers=4', '--bind=0.0.0.0:8000'],
    ['app', 'aVeryLongCamelCaseIdentifierOfSomeComponentFactory', 'SCREAMING_SNAKE_CASE_CONSTANT_NAME_OF_OURS'],
    ['app', '1700000000000', '123456789012345678901234567890'],
  ])('%s %s …', (...argv) => {
    expect(redactCommand(argv)).toBe(argv.join(' '))
  })
})

describe('URLs', () => {
  test.each([
    ['/search?q=word&page=2', '/search?q=***&page=***'],
    ['http://h:80/a?x=1;y=2#top', 'http://h:80/a?x=***;y=***#top'],
    ['http://h/?flag&empty=&v=1', 'http://h/?***&empty=&v=***'],
    ['https://user:pass@h/', 'https://***@h/'],
    ['https://token@h/', 'https://***@h/'],
    ['postgres://u:p/w@h:5432/db', 'postgres://***@h:5432/db'],
    ['mongodb://u:p@h1,h2/db?replicaSet=r', 'mongodb://***@h1,h2/db?replicaSet=***'],
    ['redis://:pw@h:6379/0', 'redis://***@h:6379/0'],
    ['http://u:p?w@h/x', 'http://***@h/x'],
    ['https://h/@scope/pkg', 'https://h/@scope/pkg'],
    ['http://[::1]:80/a@b', 'http://[::1]:80/a@b'],
    ['https://h/cb#access_token=1&state=2', 'https://h/cb#access_token=***&state=***'],
    ['//h/x?y=z', '//h/x?y=***'],
    ['', ''],
  ])('%s → %s', (url, expected) => {
    expect(redactUrl(url)).toBe(expected)
    if (url.includes('://')) expect(redactCommand(['app', `--url=${url}`])).toContain(expected.replace(/[#;].*/, ''))
  })

  test('a proxy login without a scheme, and a digest that only looks like one', () => {
    expect(redactCommand(['x', `me:${SECRET}@proxy:3128`])).toBe('x ***@proxy:3128')
    expect(redactCommand(['x', 'node:20@sha256:abc'])).toBe('x node:20@sha256:abc')
  })
})

test.each([
  ['fn (file.js:1:2)', 'fn (file.js:1:2)'],
  ['fn (http://h/app.js?v=secret&t=1:10:5)', 'fn (http://h/app.js?v=***&t=***:10:5)'],
  ['file:///a/b.mjs?x=secret:3:4', 'file:///a/b.mjs?x=***:3:4'],
  ['async Object.f [as g] (https://u:p@h/@scope/x.js:1:2)', 'async Object.f [as g] (https://***@h/@scope/x.js:1:2)'],
  ['f (data:text/javascript,let%20secret=1:1:2)', 'f (data:text/javascript,…:1:2)'],
  ['f (/app/chunks/a1b2c3d4e5f6a7b8c9d0e1f2a3b4.js:1:2)', 'f (/app/chunks/a1b2c3d4e5f6a7b8c9d0e1f2a3b4.js:1:2)'],
  ['f (/home/c#/x (copy)/y.js:1:2)', 'f (/home/c#/x (copy)/y.js:1:2)'],
  ['readFileSync (node:fs:449:20)', 'readFileSync (node:fs:449:20)'],
  ['(garbage collector)', '(garbage collector)'],
])('frame %s → %s', (frame, expected) => {
  expect(redactFrame(frame)).toBe(expected)
})

describe('hostile arguments', () => {
  test('control codes and escape sequences go, quotes hold', () => {
    expect(redactCommand(['node', "it's \u001b[31mred\u001b[0m\nline\u202e", ''])).toBe(
      String.raw`node 'it'\''s red line ' ''`,
    )
  })

  test('eight arguments of 128 kB: at most 1,000 characters, and it says how many are left out', () => {
    const argv = Array.from({ length: 8 }, (_, index) => String(index).repeat(131_072))
    const shown = redactCommand(argv)
    expect(shown.length).toBeLessThanOrEqual(1000)
    expect(shown).toMatch(/^0{120}…0+… 1{120}…1+… .*… \(\+\d more\)$/)
    expect(redactCommand(Array.from({ length: 100_000 }, () => "'")).length).toBeLessThanOrEqual(1000)
    expect(redactCommand([])).toBe('')
  })

  test('a secret at the end of what is looked at is not shown in part', () => {
    for (let offset = 8100; offset < 8200; offset++) {
      const shown = redactCommand([`${' '.repeat(offset)}ghp_${'a1B2'.repeat(9)} ${' '.repeat(2000)}`])
      expect(shown).not.toContain('a1B2')
    }
  })

  const size = 131_072
  test.each([
    'a',
    'a=',
    '"',
    "a='",
    ' ',
    'password=',
    ':',
    'http://',
    'a:b@',
    '-----BEGIN A-----',
    'eyJaaaaa.',
    'a1',
    '\\',
    '\u001b]',
    '\u001b[0',
    'password: ',
    '"password":"',
    'bearer ',
    '--token ',
    'SG.aaaaaaaaaaaaaaaaa',
    'a.',
    'a:',
    '.',
    'A ',
    'ghp_',
    'x\\"',
    '?a=b&',
    '(',
    '/',
    '@',
    '#a=',
    ';',
  ])('128 kB of %j take no time', (piece) => {
    const text = piece.repeat(Math.ceil(size / piece.length))
    const took = (work: () => string): number => {
      // The best of three: the machine has other work.
      const times = [1, 2, 3].map(() => {
        const before = performance.now()
        work()
        return performance.now() - before
      })
      return Math.min(...times)
    }
    expect(took(() => redactCommand(['app', text]))).toBeLessThan(QUICK_MS)
    expect(took(() => redactUrl(`http://h/?${text}`))).toBeLessThan(QUICK_MS)
    expect(took(() => redactFrame(`f (http://h/?${text}:1:2)`))).toBeLessThan(QUICK_MS)
  })
})
