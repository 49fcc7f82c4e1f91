/** Loads the agent of the given path into a program as `holdup run` would; prints by which path (null: not), and what the loader said. */
import { spawnSync } from 'node:child_process'
import { TableFolder } from '../../src/probes/native/folder.ts'

const folder = new TableFolder()
const path = folder.preloadable(process.argv[2] ?? '')
const { stderr } = spawnSync('true', [], { env: path === null ? {} : { LD_PRELOAD: path }, encoding: 'utf8' })
folder.remove()
process.stdout.write(JSON.stringify({ path, stderr }))
