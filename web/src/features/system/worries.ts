import type { Schemas } from '@/api/client'

export type Worry =
  | { kind: 'redis' | 'schema' | 'versions' }
  | { kind: 'replica'; name: string }
  | { kind: 'waiting' | 'budget' | 'dead' | 'bot'; account: string; name: string; n: number }

const waitsLong = 60_000 // ms
const nearLimit = 0.8

/** worries is what somebody should look at, the most pressing first. */
export function worries(s: Schemas['SystemView']): Worry[] {
  const out: Worry[] = []
  if (!s.redis.ok) out.push({ kind: 'redis' })
  if (s.database.schema !== s.database.known) out.push({ kind: 'schema' })
  if (new Set(s.replicas.filter((r) => r.alive).map((r) => r.version)).size > 1) out.push({ kind: 'versions' })
  for (const r of s.replicas) if (!r.alive) out.push({ kind: 'replica', name: r.host })
  const now = Date.parse(s.now)
  for (const a of s.accounts) {
    const since = [a.event_since, a.push_since].filter(Boolean).map((at) => now - Date.parse(at ?? ''))
    const longest = Math.max(0, ...since)
    if (longest > waitsLong) out.push({ kind: 'waiting', account: a.key, name: a.name, n: Math.round(longest / 60_000) })
    if (a.pushes_limit && (a.pushes_today ?? 0) >= a.pushes_limit * nearLimit) out.push({ kind: 'budget', account: a.key, name: a.name, n: Math.round(((a.pushes_today ?? 0) / a.pushes_limit) * 100) })
    if (a.group_bot === 'free') out.push({ kind: 'bot', account: a.key, name: a.name, n: 0 })
    if (a.dead) out.push({ kind: 'dead', account: a.key, name: a.name, n: a.dead })
  }
  return out
}
