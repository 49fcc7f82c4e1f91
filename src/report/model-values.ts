/** Pieces of which the report's schema is made. */
import * as v from 'valibot'

export const num = v.number()
export const text = v.string()
export const nullable = v.nullable
export const fidelity = v.picklist(['exact', 'sampled'])
export const quantiles = { p50: num, p90: num, p99: num, max: num }
