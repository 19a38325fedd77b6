import { flushPromises, mount } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import { locale } from '@/testing/simulator'
import PhoneComposer from './PhoneComposer.vue'

function show(write = vi.fn(async () => true)) {
  const sendPicture = vi.fn(async () => true)
  const wrapper = mount(PhoneComposer, {
    props: { menu: [{ name: '转人工', key: 'handoff' }], owner: '王芳', write, sendPicture },
    global: { plugins: [locale()] },
  })
  return { wrapper, write, sendPicture, input: wrapper.get('textarea') }
}

describe('PhoneComposer', () => {
  it('is labelled by whose it is', () => {
    const { wrapper, input } = show()
    expect(wrapper.get(`label[for="${input.attributes('id')}"]`).text()).toBe('以王芳的身份发消息')
  })

  it('sends with Enter and clears', async () => {
    const { write, input } = show()
    await input.setValue(' VPN 连不上 ')
    await input.trigger('keydown', { key: 'Enter' })
    await flushPromises()
    expect(write).toHaveBeenCalledWith({ type: 'text', text: 'VPN 连不上' })
    expect((input.element as HTMLTextAreaElement).value).toBe('')
  })

  it('keeps what could not be sent', async () => {
    const { input } = show(vi.fn(async () => false))
    await input.setValue('在吗')
    await input.trigger('keydown', { key: 'Enter' })
    await flushPromises()
    expect((input.element as HTMLTextAreaElement).value).toBe('在吗')
  })

  it.each([{ shiftKey: true }, { isComposing: true }])('does not send with %o', async (how) => {
    const { write, input } = show()
    await input.setValue('n')
    await input.trigger('keydown', { key: 'Enter', ...how })
    expect(write).not.toHaveBeenCalled()
  })

  it('switches to the menu and back', async () => {
    const { wrapper } = show()
    await wrapper.get('[aria-label="切换到菜单"]').trigger('click')
    expect(wrapper.find('textarea').exists()).toBe(false)
    await wrapper.get('nav button').trigger('click')
    expect(wrapper.emitted('menu')).toEqual([['handoff']])
    await wrapper.get('[aria-label="切换到输入框"]').trigger('click')
    expect(wrapper.find('textarea').exists()).toBe(true)
  })

  it('sends a place', async () => {
    const { wrapper, write } = show()
    await wrapper.get('[aria-label="更多"]').trigger('click')
    await wrapper.findAll('.panel button')[0]?.trigger('click')
    await wrapper.get('.send-form').trigger('submit')
    expect(write).toHaveBeenCalledWith(expect.objectContaining({ type: 'location', title: '北京市海淀区中关村大街 27 号' }))
  })
})
