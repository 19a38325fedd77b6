// Fails where the types in src/api are not what the OpenAPI documents generate.
import { readFile } from 'node:fs/promises'
import { generate, schemas } from './schemas.mjs'

for (const { from, to } of schemas) {
  if ((await readFile(to, 'utf8')) !== (await generate(from))) {
    console.error(`${to.pathname} lags behind ${from.pathname}: run npm run gen`)
    process.exitCode = 1
  }
}
