/** Preloaded into every thread of every Node process of the target: `NODE_OPTIONS=--require agent.cjs`. */
import { basename, isMainThread } from './builtins.ts'
import { install } from './install.ts'
import { CONFIG_VARIABLE } from './wire.ts'
import type { AgentConfig } from './wire.ts'

/** Launchers that only start the server: not worth a profile, and their own requests and timers are not the target's. */
const LAUNCHERS = /^(npm|npx|pnpm|yarn|corepack)(-cli)?(\.c?js)?$/

try {
  const text = process.env[CONFIG_VARIABLE]
  const launcher = isMainThread && LAUNCHERS.test(basename(process.argv[1] ?? ''))
  if (text && !launcher) install(JSON.parse(text) as AgentConfig)
} catch {
  // No holdup at the other end, no permission, an unknown Node: the target runs as if nothing had been asked.
}
