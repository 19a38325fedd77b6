/** Schema is as much of JSON Schema as the API's document uses. */
export interface Schema {
  $ref?: string
  type?: string | string[]
  format?: string
  description?: string
  enum?: unknown[]
  examples?: unknown[]
  default?: unknown
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  additionalProperties?: boolean | Schema
}

interface Parameter {
  name: string
  in: string
  required?: boolean
  description?: string
  example?: unknown
  schema?: Schema
}

interface Answer {
  $ref?: string
  description?: string
  content?: Record<string, { schema?: Schema }>
  headers?: Record<string, { description?: string; schema?: Schema }>
}

interface Written {
  operationId: string
  summary?: string
  description?: string
  tags?: string[]
  parameters?: Parameter[]
  requestBody?: { required?: boolean; content?: Record<string, { schema?: Schema }> }
  responses?: Record<string, Answer>
  'x-roles'?: string[]
  'x-permission'?: string
}

/** Document is the API's OpenAPI document. */
export interface Document {
  info: { description?: string }
  paths: Record<string, Record<string, Written>>
  components?: { schemas?: Record<string, Schema>; responses?: Record<string, Answer> }
}

/** Field is one line of a body: its name with those above it, and what it may hold. */
export interface Field {
  name: string
  type: string
  required: boolean
  description: string
}

/** Operation is one thing that programs can do. */
export interface Operation extends Written {
  method: string
  path: string
  tag: string
}

/** operations are all of a document, in its order. */
export function operations(doc: Document): Operation[] {
  return Object.entries(doc.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, op]) => ({ ...op, method: method.toUpperCase(), path, tag: op.tags?.[0] ?? '' })),
  )
}

/** search finds the operations that have every word somewhere in what they are called. */
export function search(list: Operation[], words: string): Operation[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  const text = (op: Operation) => `${op.method} ${op.path} ${op.operationId} ${op.tag} ${op.summary ?? ''} ${op.description ?? ''}`.toLowerCase()
  return wanted.length === 0 ? list : list.filter((op) => wanted.every((word) => text(op).includes(word)))
}

const last = (ref: string) => ref.slice(ref.lastIndexOf('/') + 1)

function resolve(doc: Document, schema: Schema): Schema {
  return schema.$ref ? (doc.components?.schemas?.[last(schema.$ref)] ?? {}) : schema
}

/** typeName says in a word what a schema is. */
export function typeName(doc: Document, schema: Schema | undefined): string {
  if (!schema) return ''
  const { type, format, items, enum: choices } = resolve(doc, schema)
  if (choices) return choices.map(String).join(' | ')
  const name = Array.isArray(type) ? type.join(' | ') : (type ?? 'any')
  if (items) return `${typeName(doc, items)}[]`
  return format ? `${name} (${format})` : name
}

/** fields are the lines of a body, what lies inside others after them; a shape inside itself is named once. */
export function fields(doc: Document, schema: Schema | undefined, before = '', above: string[] = []): Field[] {
  if (!schema) return []
  if (schema.$ref && above.includes(schema.$ref)) return []
  const inside = schema.$ref ? [...above, schema.$ref] : above
  const s = resolve(doc, schema)
  if (s.items) return fields(doc, s.items, `${before}[]`, inside)
  const own = Object.entries(s.properties ?? {}).flatMap(([key, part]) => {
    const name = before ? `${before}.${key}` : key
    const line = { name, type: typeName(doc, part), required: s.required?.includes(key) ?? false, description: part.description ?? resolve(doc, part).description ?? '' }
    return [line, ...fields(doc, part, name, inside)]
  })
  return typeof s.additionalProperties === 'object' ? [...own, ...fields(doc, s.additionalProperties, `${before}.*`, inside)] : own
}

/** example is a value of a schema. */
export function example(doc: Document, schema: Schema | undefined, above: string[] = []): unknown {
  if (!schema || (schema.$ref && above.includes(schema.$ref))) return null
  const inside = schema.$ref ? [...above, schema.$ref] : above
  const s = resolve(doc, schema)
  if (s.examples?.length) return s.examples[0]
  if (s.default !== undefined) return s.default
  if (s.enum?.length) return s.enum[0]
  if (s.items) return [example(doc, s.items, inside)].filter((v) => v !== null)
  if (s.properties) {
    const needed = Object.entries(s.properties).filter(([key]) => s.required?.includes(key))
    return Object.fromEntries(needed.map(([key, part]) => [key, example(doc, part, inside)]))
  }
  const type = Array.isArray(s.type) ? s.type[0] : s.type
  return { string: '…', integer: 1, number: 1, boolean: true, object: {} }[type ?? ''] ?? null
}

/** shape is what a body or an answer holds; undefined for files and for nothing. */
export const shape = (content?: Record<string, { schema?: Schema }>) => content?.['application/json']?.schema

/** answers are those of an operation, the failures last. */
export function answers(doc: Document, op: Operation): (Answer & { status: string })[] {
  return Object.entries(op.responses ?? {}).map(([status, a]) => ({ ...a, ...(a.$ref ? doc.components?.responses?.[last(a.$ref)] : {}), status }))
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** curl is a call of an operation as one types it; TOKEN stands for the token. */
export function curl(doc: Document, op: Operation, origin: string): string {
  const value = (p: Parameter) => String(p.example ?? p.schema?.examples?.[0] ?? p.schema?.default ?? p.name.toUpperCase())
  const given = op.parameters ?? []
  const path = given.filter((p) => p.in === 'path').reduce((at, p) => at.replace(`{${p.name}}`, encodeURIComponent(value(p))), op.path)
  const query = given.filter((p) => p.in === 'query' && p.required).map((p) => `${p.name}=${encodeURIComponent(value(p))}`).join('&')
  const lines = [`curl -sS${op.method === 'GET' ? '' : ` -X ${op.method}`} ${quoted(origin + path + (query && `?${query}`))}`, '-H "Authorization: Bearer $TOKEN"']
  for (const p of given.filter((p) => p.in === 'header' && p.required)) lines.push(`-H ${quoted(`${p.name}: ${value(p)}`)}`)
  const content = op.requestBody?.content
  const body = shape(content)
  if (body) lines.push("-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(example(doc, body)))}`)
  else if (content?.['multipart/form-data']) lines.push("-F 'file=@FILE'")
  return lines.join(' \\\n  ')
}
