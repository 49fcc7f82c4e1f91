/** Records a mark every 5 ms and prints its time, until it is killed. */
import { RecordingWriter } from '../../src/recording/writer.ts'
import { HEADER } from './generate.ts'

const began = performance.now()
const now = () => performance.now() - began
const writer = await RecordingWriter.open(process.argv[2] ?? '', HEADER, { now })
setInterval(() => {
  const t = now()
  writer.add({ k: 'mark', t, label: `mark ${t}` })
  process.stdout.write(`${t}\n`)
}, 5)
