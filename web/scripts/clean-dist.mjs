// Empties dist but for the committed placeholder.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'

const dist = new URL('../dist/', import.meta.url)
mkdirSync(dist, { recursive: true })
for (const name of readdirSync(dist)) {
  if (name !== 'placeholder.html') rmSync(new URL(name, dist), { recursive: true })
}
