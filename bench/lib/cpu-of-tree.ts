import { readdirSync, readFileSync } from 'node:fs'

/** The process and all that descend from it, itself first. Linux only, as is all of this bench. */
export function treeOf(pid: number): number[] {
  const children = tasksOf(pid).flatMap((tid) => read(`/proc/${pid}/task/${tid}/children`).split(' ').filter(Boolean))
  return [pid, ...children.flatMap((child) => treeOf(Number(child)))]
}

/** Nanoseconds on CPU of the threads that these processes have now; a thread that ended takes its share with it. */
export function cpuNs(pids: readonly number[]): number {
  const tasks = pids.flatMap((pid) => tasksOf(pid).map((tid) => read(`/proc/${pid}/task/${tid}/schedstat`)))
  return tasks.reduce((sum, schedstat) => sum + Number(schedstat.split(' ')[0]), 0)
}

export function parentOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1])
}

export function isAlive(pid: number): boolean {
  return /^State:\s*[^ZX\s]/m.test(read(`/proc/${pid}/status`))
}

function tasksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/** Empty for what has ended meanwhile. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
