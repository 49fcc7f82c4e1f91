/** Names that a target could bear to deceive or break whoever reads its report. */
export const HOSTILE_NAMES: readonly (readonly [what: string, name: string])[] = [
  ['ends the script element', '</script><script>alert(1)</script>'],
  ['an image that runs code', '<img src=x onerror=alert(1)>'],
  ['ANSI colours', '\u001b[31mred\u001b[0m\u001b]0;title\u0007'],
  ['right-to-left override', 'invoice\u202egnp.exe'],
  ['new lines that forge a report', 'x\n\nNothing at warning or over.\r\nF9  CRITICAL'],
  [
    'Markdown',
    '`code` | cell | [link](http://evil.example) ![i](http://evil.example/x.png) **b** #1 @user ~~~ www.evil.example',
  ],
  ['backticks', '``` ``` ````` `'],
  ['a comment', '<!-- --> <details>'],
  ['prototype', '__proto__'],
  ['wide characters', '検索'.repeat(200)],
  ['128 kB', 'x'.repeat(128 << 10)],
  ['128 kB of spaces and words', 'a b '.repeat(32 << 10)],
  ['nothing', ''],
]
