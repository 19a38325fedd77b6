// Generates the types in src/api from the OpenAPI documents.
import { writeFile } from 'node:fs/promises'
import { generate, schemas } from './schemas.mjs'

for (const { from, to } of schemas) await writeFile(to, await generate(from))
