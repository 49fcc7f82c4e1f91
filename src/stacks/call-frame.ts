/** V8's description of a frame; lines and columns count from 0, -1 where there is none. */
export interface CallFrame {
  functionName: string
  scriptId: string
  url: string
  lineNumber: number
  columnNumber: number
}

/** `function (file:line:column)`, which counts from 1, in V8's parts. */
export function parseFrame(frame: string): CallFrame {
  const match = /^(.*) \((.*?)(?::(\d+))?(?::(\d+))?\)$/s.exec(frame)
  const [, functionName = frame, url = '', line = '0', column = '0'] = match ?? []
  return { functionName, scriptId: '0', url, lineNumber: Number(line) - 1, columnNumber: Number(column) - 1 }
}

/** The reverse of `parseFrame`. */
export function formatFrame({ functionName, url, lineNumber, columnNumber }: CallFrame): string {
  if (url === '') return functionName
  const place = [lineNumber, columnNumber].flatMap((number) => (number >= 0 ? [`:${number + 1}`] : []))
  return `${functionName} (${url}${place.join('')})`
}
