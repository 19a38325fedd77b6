import { defineConfig } from 'vitest/config'

// What is measured here is printed, not asserted: machines differ.
export default defineConfig({
  test: { environment: 'node', include: ['bench/**/*.bench.ts'], testTimeout: 600_000, hookTimeout: 120_000, fileParallelism: false, disableConsoleIntercept: true },
})
