import { expect, it } from 'vitest'
import { demangle } from '../../src/symbols/demangle.ts'
import { withoutSignature } from '../../src/symbols/without-signature.ts'

it.each([
  ['main', 'main'],
  ['pthread_mutex_lock@@GLIBC_2.2.5', 'pthread_mutex_lock'],
  ['_ZN4node3Foo3barERKSsi', 'node::Foo::bar'],
  ['_ZSt4moveIRiEONSt16remove_referenceIT_E4typeEOS2_', 'std::move<int&>'],
  ['_ZNKSt8functionIFvvEEclEv', 'std::function<void ()>::operator()'],
  ['_ZN12_GLOBAL__N_13fooEi', '(anonymous namespace)::foo'],
  ['_Znwm', 'operator new'],
  ['_ZN3FoocvbEv', 'Foo::operator bool'],
  ['_ZN3std2io5stdio6_print17h0123456789abcdefE', 'std::io::stdio::_print'],
  ['_ZN2rs4main28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE', 'rs::main::{{closure}}'],
  [
    '_ZN75_$LT$F$u20$as$u20$axum..handler..Handler$LT$$LP$$LP$$RP$$C$$RP$$C$S$GT$$GT$4call17h0123456789abcdefE.llvm.42',
    '<F as axum::handler::Handler<((),),S>>::call',
  ],
  ['_RNvNtCs1234_7mycrate3foo3bar', 'mycrate::foo::bar'],
  ['_RNvMNtCs1234_7mycrate3fooNtB2_3Bar4lock', 'mycrate::foo::Bar::lock'],
  ['_ZN3foo3barEv.cold', 'foo::bar [cold]'],
  ['_Znot_a_name', '_Znot_a_name'],
])('%s', (mangled, expected) => {
  expect(demangle(mangled)).toBe(expected)
})

it('of a name that doubles at each step only the outer part is read', () => {
  const seen = (n: number) => (n === 0 ? 'S_' : `S${(n - 1).toString(36).toUpperCase()}_`)
  const steps = Array.from({ length: 60 }, (_, i) => `S_I${seen(i + 1)}${seen(i + 1)}E`)
  expect(demangle(`_ZN2ns6searchISt4pairIiiE${steps.join('')}EEvv`)).toBe('ns::search<…>')
})

it.each([
  ['bool ns::search<int>(std::string const&) const', 'ns::search<int>'],
  ['<alloc::vec::Vec<T> as core::ops::Drop>::drop', '<alloc::vec::Vec<T> as core::ops::Drop>::drop'],
  ['core::ops::function::FnOnce<fn() -> u8>::call_once', 'core::ops::function::FnOnce<fn() -> u8>::call_once'],
  ['main::{lambda(int)#1}::operator()(int) const', 'main::{lambda(int)#1}::operator()'],
  ['', ''],
])('without its signature: %s', (name, expected) => {
  expect(withoutSignature(name)).toBe(expected)
})
