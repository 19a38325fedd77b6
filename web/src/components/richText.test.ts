import { describe, expect, it } from 'vitest'
import { richText, webAddress } from './richText'

describe('richText', () => {
  it('makes links of anchors and bare addresses', () => {
    expect(richText('请看<a href="https://a.example/x">说明</a>，或 https://b.example/y。')).toEqual([
      { text: '请看', href: '' },
      { text: '说明', href: 'https://a.example/x' },
      { text: '，或 ', href: '' },
      { text: 'https://b.example/y', href: 'https://b.example/y' },
      { text: '。', href: '' },
    ])
  })

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<b>粗</b> & <i>斜</i>',
  ])('leaves other markup as text: %s', (text) => {
    expect(richText(text)).toEqual([{ text, href: '' }])
  })

  it('never leads to a script', () => {
    expect(richText('<a href="javascript:alert(1)">点我</a>')).toEqual([{ text: '点我', href: '' }])
    expect(webAddress('data:text/html,x')).toBe('')
    expect(webAddress(undefined)).toBe('')
  })
})
