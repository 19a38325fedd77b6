import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

/** dist is the folder of the built pages. */
export const dist = fileURLToPath(new URL('../dist', import.meta.url))

/** firstLoad is how many bytes of script and style, gzipped, a browser loads before a page shows anything: the page names them all. */
export function firstLoad(page: string): number {
  const html = readFileSync(`${dist}/${page}`, 'utf8')
  const files = new Set([...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)].map((found) => found[1]))
  return [...files].reduce((sum, file) => sum + gzipSync(readFileSync(dist + file), { level: 9 }).length, 0)
}
