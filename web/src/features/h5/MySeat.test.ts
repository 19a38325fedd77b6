import { flushPromises, mount } from '@vue/test-utils'
import { createI18n } from 'vue-i18n'
import { beforeEach, expect, it, vi } from 'vitest'
import { api } from '@/api/client'
import zh from './locales/zh-CN.json'
import MySeat from './MySeat.vue'

const seat = (state: 'online' | 'away') => ({ account: 'it', title: 'IT 服务台', state, serving: 0 }) as never
const put = vi.fn<(path: string, asked: { body: { state: string } }) => Promise<unknown>>()

beforeEach(() => {
  put.mockReset().mockResolvedValue({ data: {}, response: new Response(null, { status: 200 }) })
  vi.spyOn(api, 'PUT').mockImplementation(put as never)
})

const show = () => mount(MySeat, { props: { seats: [seat('online')] }, global: { plugins: [createI18n({ legacy: false, locale: 'zh-CN', messages: { 'zh-CN': zh } })] } })
const checked = (page: ReturnType<typeof show>) => page.findAll('input').filter((i) => (i.element as HTMLInputElement).checked).map((i) => i.attributes('value'))
const asked = () => put.mock.calls.map(([, request]) => request.body.state)

it('shows what was tapped until the list says the same, and takes it back meanwhile', async () => {
  const page = show()
  await page.get('input[value=away]').setValue(true)
  await flushPromises()
  expect(page.emitted('changed')).toHaveLength(1)
  expect(checked(page)).toEqual(['away'])
  // The list is slow; who taps again means it.
  await page.get('input[value=online]').setValue(true)
  await flushPromises()
  expect(asked()).toEqual(['away', 'online'])
  await page.setProps({ seats: [seat('online')] })
  expect(checked(page)).toEqual(['online'])
  // From then on the list is right, whoever changed it.
  await page.setProps({ seats: [seat('away')] })
  expect(checked(page)).toEqual(['away'])
})

it('goes back to what is where the server refuses, and says so', async () => {
  put.mockRejectedValue(new TypeError('no network'))
  const page = show()
  await page.get('input[value=away]').setValue(true)
  await flushPromises()
  expect(checked(page)).toEqual(['online'])
  expect(page.get('[role=alert]').text()).not.toBe('')
})
