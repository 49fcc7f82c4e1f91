/** Drawings that follow the width of their box. */

/** Calls back when the box gets its first width, and whenever that changes. */
export function onResize(box: HTMLElement, draw: () => void): void {
  let width = 0
  new ResizeObserver(() => {
    if (box.clientWidth === width) return
    width = box.clientWidth
    // In the next frame: what is drawn changes the height, which must not call the observer again in this one.
    requestAnimationFrame(draw)
  }).observe(box)
}
