import { flushPromises } from '@vue/test-utils'
import { beforeEach, expect, it } from 'vitest'
import { corp, FakeEvents, mountInWorld, noFaults, stubServer } from '@/testing/simulator'
import GroupPanel from './GroupPanel.vue'

const group = { id: 'wr1', name: '全员交流群', bot: 'IT 客服', members: ['wangfang', 'liming'] }
const bubble = (msgid: string, from: string, text: string) => ({ msgid, from, type: from ? 'text' : 'markdown', at: '2026-11-23T02:24:00Z', text })

beforeEach(() => localStorage.clear())

it('shows a group and writes in it as a member', async () => {
  const answers: Record<string, unknown> = {
    '/corp': corp, '/faults': noFaults, '/groups': { items: [group] },
    '/groups/wr1': { ...group, bubbles: [bubble('1', 'liming', '<b>大家好</b>')] }, '/groups/wr1/messages': { msgid: '2' },
  }
  const asked = stubServer(answers)
  const wrapper = mountInWorld(GroupPanel)
  expect(wrapper.get('[role=status]').text()).toBe('正在加载')
  FakeEvents.newest().tell('hello', { now: '2026-11-23T02:24:00Z', ahead_seconds: 0 })
  await flushPromises()
  expect(wrapper.get('[role=log]').text()).toContain('<b>大家好</b>')
  expect(wrapper.get('.author').text()).toBe('李明')

  const input = wrapper.get('input')
  expect(input.element.value).toBe('@IT 客服 ')
  await wrapper.get('select').setValue('liming')
  await input.setValue('@IT 客服 打印机坏了')
  await wrapper.get('form').trigger('submit')
  await flushPromises()
  expect(asked.find((a) => a.path === '/groups/wr1/messages')).toMatchObject({ method: 'POST', body: { userid: 'liming', text: '@IT 客服 打印机坏了' } })
  expect(input.element.value).toBe('@IT 客服 ')

  answers['/groups/wr1'] = { ...group, bubbles: [bubble('1', 'liming', '大家好'), bubble('3', '', '马上来')] }
  FakeEvents.newest().tell('touched', { agentid: -1, userid: '' })
  await flushPromises()
  expect(wrapper.get('[role=log]').text()).toContain('马上来')
})

it('says that there is no group', async () => {
  stubServer({ '/corp': corp, '/faults': noFaults, '/groups': { items: [] } })
  const wrapper = mountInWorld(GroupPanel)
  await flushPromises()
  expect(wrapper.text()).toContain('没有群聊')
})
