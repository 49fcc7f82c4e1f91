/** What of the Firefox Profiler's processed format the tests read; its documentation is the type definitions in its src/types/profile.ts. */
export interface FirefoxProfile {
  meta: { preprocessedProfileVersion: number; categories: { name: string; color: string; subcategories: string[] }[] }
  threads: {
    name: string
    pid: string
    tid: number
    samples: { stack: (number | null)[]; time: number[]; weight: number[]; weightType: string; length: number }
    markers: Record<string, unknown[] | number>
  }[]
  shared: Record<string, Record<string, unknown[] | number>> & {
    stackTable: { frame: number[]; prefix: (number | null)[]; length: number }
    frameTable: { func: number[]; category: number[]; length: number }
    funcTable: { name: number[]; source: (number | null)[]; length: number }
    sources: { filename: number[]; length: number }
    stringArray: string[]
  }
}

/** All that is wrong with the tables: columns of different lengths, indexes that lead nowhere, children before their parents. */
export function brokenTables({ meta, threads, shared }: FirefoxProfile): string[] {
  const broken: string[] = []
  const whole = (name: string, table: object): void => {
    const { length, ...columns } = table as { length: number } & Record<string, unknown>
    for (const [column, values] of Object.entries(columns))
      if (Array.isArray(values) && values.length !== length) broken.push(`${name}.${column}`)
  }
  const within = (name: string, indexes: readonly (number | null)[], length: number): void => {
    if (indexes.some((index) => index !== null && !(index >= 0 && index < length))) broken.push(`${name} leads nowhere`)
  }
  const { stackTable, frameTable, funcTable, sources, stringArray } = shared
  for (const [name, table] of Object.entries(shared)) if (!Array.isArray(table)) whole(name, table)
  within('stackTable.frame', stackTable.frame, frameTable.length)
  within('frameTable.func', frameTable.func, funcTable.length)
  within('frameTable.category', frameTable.category, meta.categories.length)
  within('funcTable.name', funcTable.name, stringArray.length)
  within('funcTable.source', funcTable.source, sources.length)
  within('sources.filename', sources.filename, stringArray.length)
  stackTable.prefix.forEach(
    (prefix, i) => prefix !== null && prefix >= i && broken.push(`stack ${i} before its parent`),
  )
  for (const { name, samples, markers } of threads) {
    whole(`${name} samples`, samples)
    whole(`${name} markers`, markers)
    within(`${name} samples.stack`, samples.stack, stackTable.length)
    if (samples.time.some((time, i) => time < (samples.time[i - 1] ?? 0))) broken.push(`${name} goes back in time`)
  }
  return broken
}
