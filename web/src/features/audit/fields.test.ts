import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { defineComponent } from 'vue'
import { texts } from '@/testing/texts'
import { useFields } from './fields'

function fields(locale: 'zh-CN' | 'en' = 'zh-CN') {
  let found: ReturnType<typeof useFields> | undefined
  mount(defineComponent({ setup: () => ((found = useFields()), () => null) }), { global: { plugins: [texts(locale)] } })
  if (!found) throw new Error('nothing was set up')
  return found
}

describe('fields', () => {
  it('are named from the part down', () => {
    const { field } = fields()
    expect(field('survey.words.title')).toBe('满意度调查 · 卡片文字 · 标题')
    expect(field('assignment.mode')).toBe('分配方式 · 方式')
    expect(field('group.mode')).toBe('群聊 · 接入方式')
    expect(field('group')).toBe('分组')
    expect(field('0.day')).toBe('日期')
    expect(field('survey.quiet')).toBe('满意度调查 · 免打扰')
    expect(field('workbench.quiet')).toBe('工作台 · 只提醒')
    expect(field('of.tomorrow')).toBe('of · tomorrow')
    expect(fields('en').field('bot.answer')).toBe('Bot · Answer')
  })

  it('have values as people say them', () => {
    const { value } = fields()
    expect(value('survey.expires', '259200000000000')).toBe('3天')
    expect(value('timers.owed', '-1')).toBe('永不')
    expect(value('timers.warn', '0')).toBe('0秒钟')
    expect(value('bot.follow_up', '90000')).toBe('90秒钟')
    expect(value('bot.enabled', 'false')).toBe('否')
    expect(value('profile.alias', '')).toBe(texts().global.t('audit.blank'))
    expect(value('profile.alias', '信息台')).toBe('信息台')
  })
})
