import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as glue from 'gecko-profiler-demangle/index_bg.js'
import { withoutSignature } from './without-signature.ts'

/** Longer names, which templates make, are shown as they are. */
const MANGLED_AT_MOST = 2048
/** References to types named before: three of them can double the text, so that a name of some 60 would take seconds to write out. */
const REFERENCES_AT_MOST = 32
const SHOWN_AT_MOST = 300

/** With what linkers and optimisers append: `.cold`, `.part.0`, `.llvm.123`, `@GLIBC_2.2.5`. Only Rust's older scheme has dots in a name, for `::`. */
const RUST_LEGACY = /^(_?_ZN.*17h[\da-f]{16}E)(.*)$/

let ready = false

/** A function's name as its author wrote it, without parameters: C++ (Itanium), Rust (legacy and v0); any other as it is. */
export function demangle(name: string): string {
  // `pthread_create@@GLIBC_2.34`: a library's versions of a function.
  if (!/^_?_[ZR]/.test(name)) return name.replace(/@.*$/, '').slice(0, SHOWN_AT_MOST)
  const references = name.match(/S[\dA-Z]*_/g)?.length ?? 0
  if (name.length > MANGLED_AT_MOST || references > REFERENCES_AT_MOST) return outerName(name).slice(0, SHOWN_AT_MOST)
  const [, mangled = name, suffix = ''] = RUST_LEGACY.exec(name) ?? /^([^.@]*)(.*)$/.exec(name) ?? []
  const plain = call(mangled)
  // The library hands back what it cannot read without its underscore.
  if (plain === null || plain === mangled || plain === mangled.slice(1)) return name.slice(0, SHOWN_AT_MOST)
  // Rust writes a type's own methods `<path::Type>::method`, or by its older scheme without the brackets.
  const unbracketed = plain.replace(/^<([\w:]+)>::/, '$1::')
  return (withoutSignature(unbracketed) + (suffix.startsWith('.cold') ? ' [cold]' : '')).slice(0, SHOWN_AT_MOST)
}

/** `ns::search<…>` of a C++ name with more template arguments than anybody would read. */
function outerName(mangled: string): string {
  const parts: string[] = []
  let rest = mangled.replace(/^_ZN?[VKRO]*/, '').replace(/^St/, '3std')
  for (let length = /^\d+/.exec(rest)?.[0]; length !== undefined; length = /^\d+/.exec(rest)?.[0]) {
    parts.push(rest.slice(length.length, length.length + Number(length)))
    rest = rest.slice(length.length + Number(length))
  }
  return parts.length > 0 ? `${parts.join('::')}${rest.startsWith('I') ? '<…>' : ''}` : mangled
}

function call(mangled: string): string | null {
  try {
    if (!ready) load()
    return glue.demangle_any(mangled)
  } catch {
    // It ran out of stack or memory: begin anew with the next.
    ready = false
    return null
  }
}

function load(): void {
  const path = createRequire(import.meta.url).resolve('gecko-profiler-demangle/index_bg.wasm')
  const module = new WebAssembly.Module(readFileSync(path))
  glue.__wbg_set_wasm(new WebAssembly.Instance(module, { './index_bg.js': { ...glue } }).exports)
  ready = true
}
