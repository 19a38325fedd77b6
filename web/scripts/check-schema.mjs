// Fails when src/api/schema.d.ts is not what openapi.json generates.
import { readFileSync } from 'node:fs'
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript'

const want = COMMENT_HEADER + astToString(await openapiTS(new URL('../openapi.json', import.meta.url)))
const have = readFileSync(new URL('../src/api/schema.d.ts', import.meta.url), 'utf8')
if (have !== want) {
  console.error('src/api/schema.d.ts lags behind openapi.json: run npm run gen')
  process.exit(1)
}
