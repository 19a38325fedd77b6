import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import type { Card } from '@/api/simulator'
import { locale } from '@/testing/simulator'
import ChatCard from './ChatCard.vue'

const show = (card: Card) => mount(ChatCard, { props: { card }, global: { plugins: [locale()] } })

describe('a card with buttons', () => {
  const card: Card = {
    kind: 'button_interaction', title: '请评价本次服务',
    buttons: [{ key: 'rate:1', text: '满意' }, { key: 'rate:3', text: '不满意', disabled: true }],
  }

  it('tells which was pressed', async () => {
    const wrapper = show(card)
    await wrapper.get('button:not(:disabled)').trigger('click')
    expect(wrapper.emitted('click')).toEqual([['rate:1']])
    expect(wrapper.findAll('button')[1]?.attributes('disabled')).toBeDefined()
  })

  it('shows the caption that took their place', () => {
    const wrapper = show({ ...card, replaced: '已评价：满意' })
    expect(wrapper.text()).toContain('已评价：满意')
    expect(wrapper.findAll('button')).toHaveLength(0)
  })

  it('is named by its title', () => {
    const wrapper = show(card)
    const section = wrapper.get('section')
    expect(wrapper.get(`[id="${section.attributes('aria-labelledby')}"]`).text()).toBe('请评价本次服务')
  })
})

describe('a vote', () => {
  const card: Card = {
    kind: 'vote_interaction', title: '哪里没有做好？',
    choices: [{ key: 'reasons', multi: true, options: [{ id: 'a', text: '没有解决' }, { id: 'b', text: '回复太慢' }, { id: 'c', text: '态度不好' }] }],
    submit: { key: 'go', text: '提交' },
  }

  it('sends what is chosen, and nothing before something is', async () => {
    const wrapper = show(card)
    expect(wrapper.get('button').attributes('disabled')).toBeDefined()
    const boxes = wrapper.findAll<HTMLInputElement>('input[type=checkbox]')
    await boxes[1]?.setValue(true)
    await boxes[2]?.setValue(true)
    await boxes[2]?.setValue(false)
    await wrapper.get('button').trigger('click')
    expect(wrapper.emitted('submit')).toEqual([[{ reasons: ['b'] }]])
  })

  it('keeps the choice when it is closed', async () => {
    const wrapper = show(card)
    await wrapper.findAll('input')[1]?.setValue(true)
    await wrapper.setProps({ card: { ...card, replaced: '已提交', submit: { key: 'go', text: '提交', disabled: true } } })
    expect(wrapper.get('fieldset').attributes('disabled')).toBeDefined()
    expect((wrapper.findAll('input')[1]?.element as HTMLInputElement).checked).toBe(true)
    expect(wrapper.text()).toContain('已提交')
  })

  it('takes one of several where only one may be chosen', async () => {
    const wrapper = show({ ...card, choices: [{ ...card.choices![0]!, multi: false }] })
    const radios = wrapper.findAll('input[type=radio]')
    await radios[0]?.setValue(true)
    await radios[2]?.setValue(true)
    await wrapper.get('button').trigger('click')
    expect(wrapper.emitted('submit')).toEqual([[{ reasons: ['c'] }]])
  })
})
