// Puts a gzip copy beside every text file of dist, for the server to send as it is.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const dist = fileURLToPath(new URL('../dist', import.meta.url))
const smallest = 1024 // bytes; below it compression saves nothing
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.(js|css|html|svg)$/.test(entry.name) || entry.name === 'placeholder.html') continue
  const path = join(entry.parentPath, entry.name)
  const data = readFileSync(path)
  if (data.length >= smallest) writeFileSync(`${path}.gz`, gzipSync(data, { level: 9 }))
}
