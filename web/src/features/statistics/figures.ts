import type { Schemas } from '@/api/client'

export type Unit = Schemas['FigureView']['unit']

/** Change is how a figure differs from that of the period before. */
export interface Change {
  way: 'up' | 'down' | 'same'
  /** For counts and durations by what part, for shares by how many hundredths. */
  by: number
  /** Whether that is good news; undefined where it is neither. */
  good: boolean | undefined
}

const better = new Set(['self_service', 'self_service_rate', 'hit_rate', 'accept_rate', 'completion_rate', 'good_share', 'up'])
const worse = new Set(['handoff_rate', 'unserved', 'idle_ends', 'transferred', 'bad_share', 'miss_rate', 'down', 'wait.median', 'wait.p90', 'first_reply.median', 'first_reply.p90', 'handling.median'])

/** changed compares with the period before; undefined where there is nothing to compare with. */
export function changed(key: string, unit: Unit, value: number | undefined, before: number | undefined): Change | undefined {
  if (value === undefined || before === undefined || (unit !== 'share' && before === 0)) return undefined
  const by = unit === 'share' ? value - before : value / before - 1
  const way = Math.abs(by) < 0.0005 ? 'same' : by > 0 ? 'up' : 'down'
  const news = better.has(key) ? 1 : worse.has(key) ? -1 : 0
  return { way, by: Math.abs(by), good: way === 'same' || news === 0 ? undefined : by * news > 0 }
}

/** Span is a duration in the two largest units that say something. */
export interface Span {
  hours: number
  minutes: number
  seconds: number
}

/** spanOf parts a duration; below a minute seconds have a decimal below ten. */
export function spanOf(ms: number): Span {
  if (ms < 10_000) return { hours: 0, minutes: 0, seconds: Math.round(ms / 100) / 10 }
  if (ms < 3_600_000) {
    const all = Math.round(ms / 1000)
    return { hours: 0, minutes: Math.floor(all / 60), seconds: all % 60 }
  }
  const all = Math.round(ms / 60_000)
  return { hours: Math.floor(all / 60), minutes: all % 60, seconds: 0 }
}

/** partOf is a share; undefined where there is nothing to be a share of. */
export const partOf = (value: number | undefined, whole: number | undefined) => (whole && value !== undefined ? value / whole : undefined)
