/** A field as it was before and is after; one side is undefined where there is none. */
export interface FieldChange {
  path: string
  before?: string
  after?: string
}

/**
 * changes compares what an entry of the audit log says was before and after, field by field. Lists
 * of words are compared as a whole; what stayed the same is left out where there is both, and what
 * is empty where there isn't.
 */
export function changes(before: unknown, after: unknown): FieldChange[] {
  const was = flat(before)
  const is = flat(after)
  const both = before !== undefined && after !== undefined
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((path) => path !== 'id' && !path.endsWith('AccountID'))
    .filter((path) => (both ? was.get(path) !== is.get(path) : !['', '0'].includes(was.get(path) ?? is.get(path) ?? '')))
    .map((path) => ({ path, ...(was.has(path) && { before: was.get(path) }), ...(is.has(path) && { after: is.get(path) }) }))
}

function flat(value: unknown, path = '', into = new Map<string, string>()): Map<string, string> {
  if (value === undefined || value === null) return into
  if (typeof value !== 'object') into.set(path, String(value))
  else if (Array.isArray(value) && value.every((v) => typeof v !== 'object' || v === null)) into.set(path, value.join('、'))
  else for (const [key, part] of Object.entries(value)) flat(part, path ? `${path}.${key}` : key, into)
  return into
}
