import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { answers, curl, example, fields, operations, search, shape, type Document } from './document'

const doc = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../docs/openapi.json'), 'utf8')) as Document
const all = operations(doc)
const op = (id: string) => {
  const found = all.find((o) => o.operationId === id)
  if (!found) throw new Error(`${id} is not in the document`)
  return found
}

describe('the document', () => {
  it('is searched by words', () => {
    expect(search(all, ' MISSES  post ').map((o) => o.operationId)).toContain('solveMisses')
    expect(search(all, 'misses post').map((o) => o.operationId)).not.toContain('listMisses')
    expect(search(all, '')).toHaveLength(all.length)
    expect(search(all, 'nothing-has-this')).toEqual([])
  })

  it('names the fields of a body, those inside others too', () => {
    const body = fields(doc, shape(op('solveMisses').requestBody?.content))
    expect(body.find((f) => f.name === 'ids')).toMatchObject({ type: 'string[]', required: true })
    expect(body.find((f) => f.name === 'entry.question')?.type).toBe('string')
  })

  it('can be written out for every operation', () => {
    for (const o of all) {
      expect(curl(doc, o, 'https://desk.example.com'), o.operationId).toMatch(/^curl -sS.* 'https:\/\/desk\.example\.com\/api\/v1\/[^{}]*'/)
      expect(answers(doc, o).every((a) => a.description), o.operationId).toBe(true)
    }
  })

  it('ends where a shape lies inside itself', () => {
    const tree: Document = { info: {}, paths: {}, components: { schemas: { Node: { type: 'object', required: ['next'], properties: { next: { $ref: '#/components/schemas/Node' } } } } } }
    const node = { $ref: '#/components/schemas/Node' }
    expect(fields(tree, node).map((f) => f.name)).toEqual(['next'])
    expect(example(tree, node)).toEqual({ next: null })
  })

  it('gives a call that can be pasted', () => {
    expect(curl(doc, op('solveMisses'), 'https://desk.example.com')).toBe(
      "curl -sS -X POST 'https://desk.example.com/api/v1/accounts/it/misses/solve' \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  -H 'Content-Type: application/json' \\\n  -d '{\"ids\":[\"8301034833920001\"]}'",
    )
  })
})
