/**
 * The text of a native frame, as a recording holds it.
 *
 * @param module path of the mapped file; '' for code compiled at run time.
 * @param offset in the file, or in memory where there is no file; of the call, not of where it returns to.
 */
export function frameOf(module: string, offset: number): string {
  return `${module || '[run-time code]'}+0x${offset.toString(16)}`
}
