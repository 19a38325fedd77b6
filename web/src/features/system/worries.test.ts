import { describe, expect, it } from 'vitest'
import type { Schemas } from '@/api/client'
import { worries } from './worries'

function system(change: Partial<Schemas['SystemView']> = {}, account: Partial<Schemas['AccountStatus']> = {}): Schemas['SystemView'] {
  return {
    version: 'v1', go: 'go1', now: '2026-11-23T10:00:00Z', timers_due: 0,
    database: { dialect: 'mysql', server: '10', schema: 24, known: 24, latency_ms: 1 },
    redis: { embedded: false, ok: true, latency_ms: 1 },
    files: { kind: 'folder', waiting: 0 },
    replicas: [],
    accounts: [{ key: 'it', name: 'IT', enabled: true, events: 0, pushes: 0, dead: 0, uncertain: 0, unindexed: 0, pushes_today: 10, pushes_limit: 100, bases: 1, ...account }],
    ...change,
  }
}

const replica = (change: Partial<Schemas['ReplicaView']>): Schemas['ReplicaView'] => ({
  name: 'a-1', host: 'a', pid: 1, version: 'v1', started_at: '', seen_at: '', alive: true, self: false, memory_bytes: 0, goroutines: 0, bases: 0, redis: true, ...change,
})

describe('worries', () => {
  it('has none where all is well', () => {
    expect(worries(system({ replicas: [replica({}), replica({ name: 'b-1' })] }, { event_since: '2026-11-23T09:59:30Z', events: 1 }))).toEqual([])
  })

  it('names what is wrong with the installation', () => {
    const found = worries(system({
      redis: { embedded: false, ok: false, latency_ms: 0 }, database: { dialect: 'mysql', server: '10', schema: 25, known: 24, latency_ms: 1 },
      replicas: [replica({}), replica({ version: 'v2' }), replica({ host: 'c', alive: false, version: 'v0' })],
    }))
    expect(found).toEqual([{ kind: 'redis' }, { kind: 'schema' }, { kind: 'versions' }, { kind: 'replica', name: 'c' }])
  })

  it('names what is wrong with an account', () => {
    const found = worries(system({}, { push_since: '2026-11-23T09:50:00Z', event_since: '2026-11-23T09:59:59Z', pushes_today: 80, dead: 3, group_bot: 'free' }))
    expect(found.map((w) => [w.kind, 'n' in w ? w.n : 0])).toEqual([['waiting', 10], ['budget', 80], ['bot', 0], ['dead', 3]])
  })

  it('knows accounts without a limit, and a Redis that can’t say what was sent', () => {
    expect(worries(system({}, { pushes_limit: 0, pushes_today: 10_000 }))).toEqual([])
    expect(worries(system({}, { pushes_today: undefined }))).toEqual([])
  })
})
