import { flushPromises } from '@vue/test-utils'
import { beforeEach, expect, it } from 'vitest'
import { corp, mountInWorld, noFaults, stubServer } from '@/testing/simulator'
import FaultsPanel from './FaultsPanel.vue'

beforeEach(() => localStorage.clear())

it('switches a fault on, and all of them off', async () => {
  const answers: Record<string, unknown> = { '/corp': corp, '/faults': noFaults }
  const asked = stubServer(answers)
  const wrapper = mountInWorld(FaultsPanel)
  await flushPromises()
  const button = () => wrapper.findAll('[role=switch]').find((s) => s.text() === '系统繁忙 -1')
  expect(button()?.attributes('aria-checked')).toBe('false')
  answers['/faults'] = { ...noFaults, system_busy: 3 }
  await button()?.trigger('click')
  await flushPromises()
  expect(asked.at(-1)).toMatchObject({ method: 'PUT', path: '/faults', body: { ...noFaults, system_busy: 3 } })
  expect(button()?.attributes('aria-checked')).toBe('true')
  await wrapper.get('header button').trigger('click')
  await flushPromises()
  expect(asked.at(-1)).toMatchObject({ method: 'PUT', body: noFaults })
})
