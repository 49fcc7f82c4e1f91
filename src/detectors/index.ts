import type { Detector } from './detector.ts'
import { globalMutex } from './global-mutex.ts'
import { workerPerRequest } from './worker-per-request.ts'

export const catalogue: readonly Detector[] = [workerPerRequest, globalMutex]
