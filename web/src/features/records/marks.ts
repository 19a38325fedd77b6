import type { Schemas } from '@/api/client'

/** A part of a text, and whether it is what was looked for. */
export interface Piece {
  text: string
  hit: boolean
}

/** pieces cuts an excerpt at its marks, which count characters and not units of UTF-16. */
export function pieces(excerpt: string, marks: Schemas['TextMark'][]): Piece[] {
  const chars = [...excerpt]
  const out: Piece[] = []
  let at = 0
  for (const m of [...marks].sort((a, b) => a.start - b.start)) {
    if (m.start < at || m.start + m.length > chars.length) continue
    if (m.start > at) out.push({ text: chars.slice(at, m.start).join(''), hit: false })
    out.push({ text: chars.slice(m.start, m.start + m.length).join(''), hit: true })
    at = m.start + m.length
  }
  if (at < chars.length) out.push({ text: chars.slice(at).join(''), hit: false })
  return out
}
