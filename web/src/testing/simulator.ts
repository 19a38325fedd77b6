import { mount, type MountingOptions } from '@vue/test-utils'
import { vi } from 'vitest'
import { defineComponent, h, type Component } from 'vue'
import type { Corp, Faults, Trace } from '@/api/simulator'
import { provideTheme } from '@/composables/useTheme'
import { provideWorld } from '@/features/simulator/world'
import { texts } from './texts'

export const corp: Corp = {
  corp_id: 'ww1',
  departments: [{ id: 2, parent_id: 1, name: '财务部' }],
  members: [
    { userid: 'wangfang', name: '王芳', department: '财务部', seat_of: [] },
    { userid: 'liming', name: '李明', department: '信息技术部', seat_of: [1000002] },
  ],
  apps: [{ agentid: 1000002, name: 'IT 服务台', description: '' }],
  phones: [{ userid: 'wangfang', agentid: 1000002 }],
}

export const noFaults: Faults = {
  only: '', latency_ms: 0, status_5xx: 0, system_busy: 0, over_limit: 0, drop_answers: 0, untrusted_ip: false,
  callback_delay_ms: 0, callback_duplicate: 0, callback_reorder: 0, callback_lose: 0,
}

export const trace = (change: Partial<Trace>): Trace => ({
  id: 1, at: '2026-11-23T02:24:00Z', kind: 'call', agentid: 1000002, userids: ['wangfang'], name: 'message/send', status: 200, took_ms: 3, ...change,
})

export const locale = texts

/** FakeEvents stands in for EventSource; the newest is the page's. */
export class FakeEvents extends EventTarget {
  static all: FakeEvents[] = []
  onerror?: () => void
  closed = false
  constructor(readonly url: string) {
    super()
    FakeEvents.all.push(this)
  }
  close() {
    this.closed = true
  }
  tell(kind: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(data) }))
  }
  static newest() {
    const source = FakeEvents.all.at(-1)
    if (!source) throw new Error('nobody listens')
    return source
  }
}

export interface Asked {
  method: string
  path: string
  body: unknown
}

/** stubServer answers by path what is given, 404 otherwise, and notes what was asked. */
export function stubServer(answers: Record<string, unknown>) {
  const asked: Asked[] = []
  FakeEvents.all = []
  vi.stubGlobal('EventSource', FakeEvents)
  vi.stubGlobal('fetch', async (request: Request) => {
    const path = new URL(request.url).pathname.replace('/sim/v1', '')
    const text = await request.text()
    asked.push({ method: request.method, path, body: text && text.startsWith('{') ? JSON.parse(text) : text })
    const answer = answers[path]
    if (answer === undefined) {
      return Response.json({ error: { code: 'not_found', reason: 'not_found', message: 'not found' } }, { status: 404 })
    }
    if (answer instanceof Error) throw answer
    if (answer instanceof Response) return answer.clone()
    return Response.json(answer)
  })
  return asked
}

/** mountInWorld mounts a component under a world and a theme. */
export function mountInWorld(component: Component, options: MountingOptions<Record<string, unknown>> = {}) {
  const root = defineComponent({
    setup() {
      provideTheme()
      const world = provideWorld()
      void world.corp.load()
      void world.faults.load()
      return () => h(component, options.props)
    },
  })
  return mount(root, { attachTo: document.body, global: { plugins: [locale()] } })
}
