import { readlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { ProcessFacts } from '../../targets/process-facts.ts'
import type { Owner } from './fifo-folder.ts'

/** Where there is a file system in memory: for where the other one may not be written to. */
const IN_MEMORY = '/dev/shm'

/** Where a process can open a FIFO. */
export interface FifoPlace {
  /** Of its file system, as holdup sees it: '' where both see the same. */
  root: string
  /** Folders in it, the best first. */
  folders: readonly string[]
  /** Who may open it, where the process is another user's. */
  owner: Owner | null
}

/** Of what holdup launches. */
export const OWN_PLACE: FifoPlace = { root: '', folders: [tmpdir()], owner: null }

/** Where a FIFO must be so that this process can open it; the same `key` for all that can open the same. */
export function placeFor({ pid, uid, gid, otherNamespaces }: ProcessFacts): FifoPlace & { key: string } {
  const apart = (otherNamespaces?.includes('mnt') ?? false) || link(pid, 'root') !== '/'
  const owner = uid === process.geteuid?.() ? null : { uid, gid }
  return {
    root: apart ? `/proc/${pid}/root` : '',
    folders: [apart || owner ? '/tmp' : tmpdir(), IN_MEMORY],
    owner,
    key: [uid, gid, ...(apart ? [link(pid, 'ns/mnt'), link(pid, 'root')] : [])].join(' '),
  }
}

function link(pid: number, name: string): string {
  try {
    return readlinkSync(`/proc/${pid}/${name}`)
  } catch {
    return '/'
  }
}
