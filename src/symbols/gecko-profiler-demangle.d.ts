/** The part of gecko-profiler-demangle that Node can import: its own entry imports WebAssembly, which Node 20 does not. */
declare module 'gecko-profiler-demangle/index_bg.js' {
  export function demangle_any(name: string): string
  export function __wbg_set_wasm(exports: WebAssembly.Exports): void
  export function __wbindgen_init_externref_table(): void
}

/** The few words of the WebAssembly API that loading it takes: Node's types leave it to those of browsers. */
declare namespace WebAssembly {
  type Exports = Record<string, unknown>
  interface Module {
    readonly [Symbol.toStringTag]: string
  }
  const Module: new (bytes: Uint8Array) => Module
  const Instance: new (
    module: Module,
    imports: Record<string, Record<string, unknown>>,
  ) => { readonly exports: Exports }
}
