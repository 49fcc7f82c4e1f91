/** Colours for what is drawn on a canvas, where style sheets do not reach. */

/** The present value of a colour of base.css: `colour('accent')`. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

/** Calls back whenever the reader's system turns dark or light. */
export function onThemeChange(redraw: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw)
}
