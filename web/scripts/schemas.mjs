// The OpenAPI documents and the types that are generated from them.
import { readFile } from 'node:fs/promises'
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript'

const at = (path) => new URL(path, import.meta.url)
export const schemas = [
  { from: at('../../docs/openapi.json'), to: at('../src/api/schema.d.ts') },
  { from: at('../simulator.openapi.json'), to: at('../src/api/simulator-schema.d.ts') },
]

/** generate makes the types of a document. */
export async function generate(from) {
  return COMMENT_HEADER + astToString(await openapiTS(JSON.parse(await readFile(from, 'utf8'))))
}
