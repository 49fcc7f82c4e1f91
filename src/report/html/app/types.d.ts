/** What the app uses of packages that ship no types. */
declare module '*.css'

declare module 'd3-selection' {
  export function select(element: Element): { datum(data: unknown): { call(chart: unknown): void } }
}

declare module 'd3-flame-graph' {
  /** A laid-out frame. */
  export interface FlameNode<T> {
    data: T
    x0: number
    x1: number
    depth: number
    parent: FlameNode<T> | null
    children?: FlameNode<T>[]
    highlight?: boolean
  }

  export interface FlameGraph<T> {
    width(pixels: number): this
    cellHeight(pixels: number): this
    minFrameSize(pixels: number): this
    transitionDuration(milliseconds: number): this
    inverted(rootOnTop: boolean): this
    sort(compare: boolean): this
    title(text: string): this
    setLabelHandler(label: (node: FlameNode<T>) => string): this
    setColorMapper(colour: (node: FlameNode<T>, original: string) => string): this
    setDetailsElement(element: Element): this
    setSearchMatch(matches: (node: FlameNode<T>, term: string) => boolean): this
    setSearchHandler(found: (nodes: FlameNode<T>[], sum: number, total: number) => void): this
    onClick(handler: (node: FlameNode<T>) => void): this
    search(term: string): void
    clear(): void
    resetZoom(): void
    update(): void
    destroy(): void
  }

  const flamegraph: <T>() => FlameGraph<T>
  export { flamegraph as default }
}
