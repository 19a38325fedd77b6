import { describe, expect, it } from 'vitest'
import { surveyCards } from './surveyCards'

const rule = {
  enabled: true, ask_reason: true, reasons: ['回复太慢', ' '], after_idle: false, after_bot: false, quiet_seconds: 0, expires_seconds: 72 * 3600, changeable: false,
  words: { title: '', body: '', good: '', fair: '', bad: '', ask: '', thanks: '' },
}
const now = new Date(2026, 11, 30, 9, 5)
const line = (of: typeof rule) => surveyCards(of, now).map((c) => [c.when, c.text ?? c.title, c.body, ...(c.options ?? []), ...(c.buttons ?? [])].join(' | '))

describe('surveyCards', () => {
  it('speak our words, and say until when', () => {
    expect(line(rule)).toEqual([
      'sent | 请评价本次服务 | 您的评价会帮助我们改进。\n请在 1月2日 09:05 前评价。 | 满意 | 一般 | 不满意',
      'bad | 哪里没有做好？ |  | 回复太慢 | 提交',
      'rated | 请评价本次服务 | 您的评价会帮助我们改进。\n请在 1月2日 09:05 前评价。 | 已评价：满意',
      'thanks | 感谢您的评价！ | ',
      'over | 请评价本次服务 | 您的评价会帮助我们改进。\n请在 1月2日 09:05 前评价。 | 评价已截止',
    ])
  })

  it('speak the words of the account, and keep their buttons where ratings can be changed', () => {
    const own = { ...rule, ask_reason: false, changeable: true, words: { ...rule.words, title: '打个分', good: '很好', thanks: '多谢' } }
    expect(line(own)).toEqual([
      'sent | 打个分 | 您的评价会帮助我们改进。\n请在 1月2日 09:05 前评价。 | 很好 | 一般 | 不满意',
      'rated | 已评价：很好 | 在 1月2日 09:05 前可以修改。 | 很好 | 一般 | 不满意',
      'thanks | 多谢 | ',
      'over | 打个分 | 您的评价会帮助我们改进。\n请在 1月2日 09:05 前评价。 | 评价已截止',
    ])
  })
})
