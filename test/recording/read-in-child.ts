import { readRecording } from '../../src/recording/read.ts'

const { problems } = await readRecording(process.argv[2] ?? '')
process.stdout.write(JSON.stringify(problems))
