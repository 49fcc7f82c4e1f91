import { createRequire } from 'node:module'

/** Loaded when they are needed, which is by a scale alone: this takes a third of the time in which all else starts. */
const require = createRequire(import.meta.url)

/** Least squares by Levenberg and Marquardt. */
export const leastSquares = () => require('ml-levenberg-marquardt') as typeof import('ml-levenberg-marquardt')

/** Matrices and what is done with them. */
export const matrices = () => require('ml-matrix') as typeof import('ml-matrix')
