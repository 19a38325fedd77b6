import { flushPromises } from '@vue/test-utils'
import { defineComponent, h } from 'vue'
import { beforeEach, expect, it } from 'vitest'
import { corp, FakeEvents, mountInWorld, noFaults, stubServer, trace } from '@/testing/simulator'
import TracePanel from './TracePanel.vue'
import { useTraces } from './traces'
import { useWorld } from './world'

const panel = defineComponent({
  setup() {
    const traces = useTraces(useWorld())
    return () => h(TracePanel, { traces })
  },
})

const items = [
  trace({ id: 1, kind: 'callback', name: 'text', state: 'queued', attempt: 1 }),
  trace({ id: 2, errcode: 45009 }),
  trace({ id: 3, name: 'gettoken', userids: [] }),
]

beforeEach(() => localStorage.clear())

async function show(list = items) {
  const asked = stubServer({
    '/corp': corp, '/faults': noFaults, '/traces': { items: list },
    '/traces/2': { ...items[1], request: 'POST /cgi-bin/message/send', response: '{"errcode": 45009}' },
  })
  const wrapper = mountInWorld(panel)
  FakeEvents.newest().tell('hello', { now: '2026-11-23T02:24:00Z', ahead_seconds: 0 })
  await flushPromises()
  return { wrapper, asked, rows: () => wrapper.findAll('li').map((row) => row.get('.label').text()) }
}

it('lists the newest first, and what follows above', async () => {
  const { rows } = await show()
  expect(rows()).toEqual(['取令牌', '发消息', '文本消息'])
  FakeEvents.newest().tell('trace', trace({ id: 4, name: 'message/update_template_card' }))
  await flushPromises()
  expect(rows()[0]).toBe('更新卡片')
})

it('shows only what failed, or what is searched for', async () => {
  const { wrapper, rows } = await show()
  await wrapper.get('input[value=failed]').setValue(true)
  expect(rows()).toEqual(['发消息'])
  await wrapper.get('input[value=all]').setValue(true)
  await wrapper.get('input[type=search]').setValue('王芳')
  expect(rows()).toEqual(['发消息', '文本消息'])
  await wrapper.get('input[type=search]').setValue('nothing at all')
  expect(wrapper.text()).toContain('没有符合条件的记录')
})

it('holds back while it is paused', async () => {
  const { wrapper, rows } = await show()
  await wrapper.get('[aria-pressed=false]').trigger('click')
  FakeEvents.newest().tell('trace', trace({ id: 5, name: 'menu/create' }))
  await flushPromises()
  expect(rows()).toHaveLength(3)
  expect(wrapper.get('[aria-pressed=true]').text()).toContain('1')
  await wrapper.get('[aria-pressed=true]').trigger('click')
  expect(rows()[0]).toBe('设置菜单')
})

it('opens what went over the wire', async () => {
  const { wrapper } = await show()
  const row = wrapper.findAll('li')[1]
  await row?.get('button').trigger('click')
  await flushPromises()
  expect(row?.get('button').attributes('aria-expanded')).toBe('true')
  expect(row?.text()).toContain('POST /cgi-bin/message/send')
})

it('is empty at first', async () => {
  const { wrapper } = await show([])
  expect(wrapper.text()).toContain('每次往来')
})
