import type { Report } from '../../src/report/model.ts'
import { mutexPool } from '../support/article-reports.ts'

/** Ten steps of a second: the workers wait for the lock in the first five, compute in the others. */
export const inSteps: Report = {
  ...mutexPool,
  steps: { from: 0, stepMs: 1000, count: 10 },
  threadTimeSteps: [
    {
      group: 'query-worker',
      seconds: { lockWait: [16, 16, 16, 16, 16, 0, 0, 0, 0, 0], onCpu: [0, 0, 0, 0, 0, 16, 16, 16, 16, 16] },
    },
  ],
  // Of the first flamegraph the nodes are the root, ON_MESSAGE, SEARCH, RANK, score and LOCK.
  flames: mutexPool.flames.map((flame, i) =>
    i === 0
      ? {
          ...flame,
          steps: [
            [1, [5, 40]],
            [8, [3, 900, 4, 100]],
          ],
        }
      : flame,
  ),
}
