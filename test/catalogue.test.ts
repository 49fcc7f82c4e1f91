/** Keeps the siblings of each detector together: its test, its page, its fixture pair and its line in the catalogue. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { catalogue } from '../src/detectors/index.ts'
import { thresholdsTable } from '../src/detectors/thresholds-table.ts'
