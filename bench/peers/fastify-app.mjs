/** A small service as people write them with Fastify: a schema, a hook, a route that reads and one that writes. */
import Fastify from 'fastify'

const item = {
  type: 'object',
  properties: { id: { type: 'integer' }, name: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } },
}
const items = new Map(
  Array.from({ length: 500 }, (_, id) => [id, { id, name: `item ${id}`, tags: ['a', 'b', `t${id}`] }]),
)
const app = Fastify({ logger: false })

app.addHook('onRequest', async (request, reply) => {
  reply.header('x-request-id', request.id)
})
app.get('/items', { schema: { response: { 200: { type: 'array', items: item } } } }, async () => [...items.values()])
app.get('/items/:id', { schema: { response: { 200: item } } }, async (request, reply) => {
  return items.get(Number(request.params.id)) ?? reply.code(404).send({ error: 'no such item' })
})
app.post('/items', { schema: { body: item } }, async (request, reply) => {
  items.set(request.body.id, request.body)
  return reply.code(201).send(request.body)
})

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
console.log('ready')
