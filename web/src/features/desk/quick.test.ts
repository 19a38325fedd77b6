import { describe, expect, it } from 'vitest'
import { bytesOf, expand, matching } from './quick'
import type { Quick } from './types'

const quick = (shortcut: string, text: string, title = ''): Quick => ({ id: shortcut, own: false, group: '', shortcut, title, text, version: 1, updated_at: '' })

describe('quick replies', () => {
  it('have names put in, and leave other braces alone', () => {
    const names = { employee: '王芳', seat: '李明', account: 'IT' }
    expect(expand('{员工}您好，我是{seat}｛账号｝{其他}', names)).toBe('王芳您好，我是李明IT{其他}')
    expect(expand('{employee}', { ...names, employee: '{seat}' })).toBe('{seat}')
  })

  it('are found by the beginning of their shortcut first, in any width and case', () => {
    const all = [quick('hi', '您好'), quick('pwd', '打开自助平台', '密码'), quick('wifi', '密码贴在墙上')]
    expect(matching(all, '密码').map((q) => q.shortcut)).toEqual(['pwd', 'wifi'])
    expect(matching(all, 'ＷＩ').map((q) => q.shortcut)).toEqual(['wifi'])
    expect(matching(all, '').length).toBe(3)
    expect(matching(all, 'zzz')).toEqual([])
  })

  it('are counted in bytes as WeCom counts them', () => {
    expect(bytesOf('您好a')).toBe(7)
  })
})
