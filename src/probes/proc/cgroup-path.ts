import { join } from 'node:path'
import { readText, type CgroupFolder, type ReadText } from './cgroup-files.ts'

/** Where a hierarchy is mounted, and which of its groups is seen there. */
interface Mount {
  root: string
  point: string
  v1: boolean
}

/**
 * The folders of the control groups that can limit a process' CPU, its own first and then those above it: by
 * /proc/PID/cgroup and what is mounted, for holdup or, where that does not show the group, for the process itself.
 * Empty where neither does.
 */
export function cpuGroups(pid: number, read: ReadText = readText): CgroupFolder[] {
  const group = ownGroup(read(`/proc/${pid}/cgroup`) ?? '')
  if (!group) return []
  for (const [of, prefix] of [
    ['self', ''],
    [pid, `/proc/${pid}/root`],
  ] as const) {
    for (const { root, point, v1 } of cpuMounts(read(`/proc/${of}/mountinfo`) ?? '')) {
      const below = v1 === group.v1 ? pathBelow(group.path, root) : null
      if (below !== null) return upwards(below).map((path) => ({ path: join(prefix + point, path), v1 }))
    }
  }
  return []
}

/** The group of the version 1 controller `cpu` where there is one: then version 2 has none. */
function ownGroup(text: string): { path: string; v1: boolean } | null {
  let unified: string | null = null
  for (const line of text.trimEnd().split('\n')) {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (controllers.split(',').includes('cpu')) return { path, v1: true }
    if (controllers === '' && path !== '') unified = path
  }
  return unified === null ? null : { path: unified, v1: false }
}

/** Lines of mountinfo, proc_pid_mountinfo(5): `31 23 0:28 /root /mount/point rw … - cgroup2 cgroup2 rw`. */
function cpuMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ')
    const [, , , root = '', point = ''] = before.split(' ')
    const [type, , options = ''] = after.split(' ')
    const v1 = type === 'cgroup' && options.split(',').includes('cpu')
    return v1 || type === 'cgroup2' ? [{ root: unescape(root), point: unescape(point), v1 }] : []
  })
}

/** The kernel writes blanks and the like as `\040`. */
function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

/** What is left of a path below `root`; null where it does not lie there, as of a group outside of the namespace (`/../x`). */
function pathBelow(path: string, root: string): string | null {
  const below = root === '/' ? path : path === root || path.startsWith(`${root}/`) ? path.slice(root.length) : null
  return below?.split('/').includes('..') ? null : below
}

function upwards(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '')
  return [...Array(parts.length + 1).keys()].map((n) => parts.slice(0, parts.length - n).join('/'))
}
