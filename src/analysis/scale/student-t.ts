/** 0.95 for three intervals together, by Bonferroni: this much is left on each side of one. */
const TAIL = 0.05 / 3 / 2
/** The normal distribution's quantile there. */
const Z = 2.3939798

/**
 * The quantile of Student's t that three intervals together hold with 95 %, by degrees of freedom from 1: exact for 1 and 2, else
 * Abramowitz & Stegun 26.7.5 (0.5 % low for 3, better above).
 */
export function jointStudentT(degrees: number): number {
  if (degrees === 1) return Math.tan(Math.PI * (0.5 - TAIL))
  if (degrees === 2) return (0.5 - TAIL) * Math.sqrt(2 / (TAIL * (1 - TAIL)))
  const z = Z
  return (
    z +
    (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3) +
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / (92160 * degrees ** 4)
  )
}
