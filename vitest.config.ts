import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    env: { TZ: 'UTC', LC_ALL: 'C', NO_COLOR: '1' },
    testTimeout: 30_000,
    // Tests start real processes under load on two cores: side by side they would starve each other.
    fileParallelism: false,
  },
})
