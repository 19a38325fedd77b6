import { defineConfig } from 'vitest/config'

// `npm run tour` takes the pictures of docs/tour.
export default defineConfig({ test: { environment: 'node', include: ['tour/**/*.tour.ts'], testTimeout: 180_000, hookTimeout: 120_000, fileParallelism: false } })
