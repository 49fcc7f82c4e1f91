import type { LiveView } from './record-options.ts'

/** Several views of one recording as one; undefined of none. */
export function together(views: readonly (LiveView | null)[]): LiveView | undefined {
  const all = views.filter((view) => view !== null)
  if (all.length === 0) return undefined
  return {
    keepMs: Math.max(...all.map(({ keepMs = 0 }) => keepMs)),
    start: (live) => {
      for (const view of all) view.start(live)
    },
    stop: () => {
      for (const view of all) view.stop()
    },
    finish: async () => void (await Promise.all(all.map(async (view) => view.finish?.()))),
  }
}
