import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { corp, FakeEvents, locale, noFaults, stubServer, trace } from '@/testing/simulator'
import SimulatorPage from './SimulatorPage.vue'

const conversation = '/apps/1000002/members/wangfang/conversation'
const bubble = (msgid: string, text: string) => ({ msgid, mine: false, type: 'text', at: '2026-11-23T02:24:00Z', text })
const clock = { now: '2026-11-23T02:24:00Z', ahead_seconds: 0 }
const answers = () => ({
  '/corp': corp,
  '/faults': noFaults,
  '/traces': { items: [trace({ id: 7 })] },
  [conversation]: { menu: [], bubbles: [bubble('1', '您好')] } as unknown,
})

beforeEach(() => {
  localStorage.clear()
  vi.stubGlobal('matchMedia', (query: string) => Object.assign(new EventTarget(), { matches: query.includes('min-width') }))
})

async function show(given: Record<string, unknown>) {
  const asked = stubServer(given)
  const wrapper = mount(SimulatorPage, { attachTo: document.body, global: { plugins: [locale()] } })
  return { wrapper, asked }
}

describe('SimulatorPage', () => {
  it('says that it loads, then shows phones and traffic', async () => {
    const { wrapper } = await show(answers())
    expect(wrapper.get('main [role=status]').text()).toBe('正在加载')
    FakeEvents.newest().tell('hello', clock)
    await flushPromises()
    expect(wrapper.get('[aria-label="王芳的手机"] [role=log]').text()).toContain('您好')
    expect(wrapper.get('aside').text()).toContain('发消息')
    wrapper.unmount()
    expect(FakeEvents.newest().closed).toBe(true)
  })

  it('says that nobody is there, and tries again', async () => {
    const given: Record<string, unknown> = { ...answers(), '/corp': new TypeError('refused') }
    const { wrapper } = await show(given)
    FakeEvents.newest().tell('hello', clock)
    await flushPromises()
    expect(wrapper.get('main [role=alert]').text()).toContain('连不上模拟器')
    given['/corp'] = corp
    await wrapper.get('main [role=alert] button').trigger('click')
    await flushPromises()
    expect(wrapper.find('[aria-label="王芳的手机"]').exists()).toBe(true)
    wrapper.unmount()
  })

  it('loads a conversation anew when it changed', async () => {
    const given: Record<string, unknown> = answers()
    const { wrapper } = await show(given)
    FakeEvents.newest().tell('hello', clock)
    await flushPromises()
    given[conversation] = { menu: [], bubbles: [bubble('1', '您好'), bubble('2', '<b>新</b>消息')] }
    FakeEvents.newest().tell('touched', { agentid: 1000003, userid: 'wangfang' })
    await flushPromises()
    expect(wrapper.get('[role=log]').text()).not.toContain('新')
    FakeEvents.newest().tell('touched', { agentid: 1000002, userid: 'WangFang' })
    await flushPromises()
    expect(wrapper.get('[role=log]').text()).toContain('<b>新</b>消息')
    wrapper.unmount()
  })

  it('misses the server, finds it again, and has lost nothing', async () => {
    vi.useFakeTimers()
    const given: Record<string, unknown> = answers()
    const { wrapper } = await show(given)
    FakeEvents.newest().tell('hello', clock)
    await vi.runOnlyPendingTimersAsync()
    FakeEvents.newest().onerror?.()
    await wrapper.vm.$nextTick()
    expect(wrapper.get('.banner[role=alert]').text()).toContain('断开')
    given[conversation] = { menu: [], bubbles: [bubble('1', '您好'), bubble('2', '断线时来的')] }
    await vi.advanceTimersByTimeAsync(2000)
    expect(FakeEvents.all).toHaveLength(2)
    FakeEvents.newest().tell('hello', clock)
    await vi.advanceTimersByTimeAsync(10)
    expect(wrapper.find('.banner').exists()).toBe(false)
    expect(wrapper.get('[role=log]').text()).toContain('断线时来的')
    wrapper.unmount()
    vi.useRealTimers()
  })

  it('keeps the phones that were chosen', async () => {
    localStorage.setItem('deskmate.phones', JSON.stringify([{ userid: 'liming', agentid: 1000002 }, { userid: 'gone', agentid: 1 }]))
    const { wrapper } = await show(answers())
    FakeEvents.newest().tell('hello', clock)
    await flushPromises()
    expect(wrapper.find('[aria-label="李明的手机"]').text()).toContain('坐席')
    expect(wrapper.findAll('.phone-place')).toHaveLength(1)
    wrapper.unmount()
  })
})
