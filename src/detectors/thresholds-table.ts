import { formatBytes, formatMs, formatNumber, formatRatio } from '../units.ts'
import type { DetectorMeta, Threshold } from './detector.ts'

const FORMATS: Record<string, (value: number) => string> = { ms: formatMs, bytes: formatBytes, ratio: formatRatio }

/** A detector's limits as a Markdown table, for its page. */
export function thresholdsTable({ thresholds }: DetectorMeta): string {
  const rows = Object.entries(thresholds).map(
    ([name, { description, source, ...limit }]) => `| \`${name}\` | ${format(limit)} | ${description} | ${source} |`,
  )
  return ['| limit | default | of what | source |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function format({ default: value, unit }: Pick<Threshold, 'default' | 'unit'>): string {
  return FORMATS[unit]?.(value) ?? `${formatNumber(value)} ${unit}`.trim()
}
