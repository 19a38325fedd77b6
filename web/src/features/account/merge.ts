type Fields = Record<string, unknown>
const fields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** merge takes what either changed of what both saw; where both changed the same field, mine. Lists are one field each. */
export function merge<T>(seen: T, theirs: T, mine: T): T {
  if (same(mine, seen)) return theirs
  if (!fields(seen) || !fields(theirs) || !fields(mine)) return mine
  const keys = new Set([...Object.keys(theirs), ...Object.keys(mine)])
  return Object.fromEntries([...keys].map((key) => [key, merge(seen[key], theirs[key], mine[key])])) as T
}

/** collides tells whether both changed the same field, and differently. */
export function collides(seen: unknown, theirs: unknown, mine: unknown): boolean {
  if (same(mine, seen) || same(theirs, seen) || same(mine, theirs)) return false
  if (!fields(seen) || !fields(theirs) || !fields(mine)) return true
  return [...new Set([...Object.keys(theirs), ...Object.keys(mine)])].some((key) => collides(seen[key], theirs[key], mine[key]))
}
