/** A small service as people write them with Express: parsed bodies, a router, static files, an error handler. */
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import express from 'express'

const KEYS = 200
const items = new Map([1, 2, 3].map((id) => [String(id), { id, name: `item ${id}` }]))

/** Something for the CPU profile to see. */
function digestOf(text) {
  let digest = text
  for (let n = 0; n < KEYS; n++) digest = createHash('sha256').update(digest).digest('hex')
  return digest
}

const routes = express.Router()
routes.get('/', (request, response) => response.json([...items.values()]))
routes.get('/:id', (request, response, next) => {
  const item = items.get(request.params.id)
  if (item) response.json({ ...item, digest: digestOf(item.name) })
  else next()
})
routes.post('/', (request, response) => response.status(201).location('/items/9').json(request.body))

const app = express()
app.use(express.json())
app.use('/items', routes)
app.use('/files', express.static(fileURLToPath(new URL('.', import.meta.url))))
app.get('/fails', async () => {
  throw new Error('as asked')
})
app.use((error, request, response, _next) => response.status(500).send(error.message))
const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => process.stdout.write('ready\n'))
process.on('SIGTERM', () => server.close())
