/** A stack frame as a reader sees it: `function (file:line:column)`. */

/** The parts of a frame; `place` is empty for what has none: native code, the garbage collector. */
export interface FrameParts {
  name: string
  /** Without the `file://` that stands before the path of an ES module. */
  place: string
}

/** Splits `search (file:///srv/index.mjs:3:1)` into `search` and `/srv/index.mjs:3:1`. */
export function splitFrame(frame: string): FrameParts {
  const at = frame.endsWith(')') ? frame.lastIndexOf(' (') : -1
  return at < 1
    ? { name: frame, place: '' }
    : { name: frame.slice(0, at), place: frame.slice(at + 2, -1).replace(/^file:\/\//, '') }
}

/** The frame on one line. */
export function frameText(frame: string): string {
  const { name, place } = splitFrame(frame)
  return place === '' ? name : `${name} (${place})`
}
