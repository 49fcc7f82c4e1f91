/** Blocks its loop for two thirds of the time. */
export const BLOCKS = `
  const server = require('node:http').createServer((_, response) => {
    for (const end = Date.now() + 200; Date.now() < end; );
    response.end('ok')
  }).listen(0)
  const { port } = server.address()
  setInterval(() => fetch('http://127.0.0.1:' + port).then((response) => response.text()), 300)
`
