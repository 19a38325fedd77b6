import type { Schemas } from '@/api/client'

type Rule = Schemas['SurveyBody']

/** SurveyCard is what an employee sees at one moment of a survey: a card, or a text alone. */
export interface SurveyCard {
  when: 'sent' | 'bad' | 'rated' | 'over' | 'thanks'
  text?: string
  title?: string
  desc?: string
  body?: string
  comment?: boolean
  options?: string[]
  buttons?: string[]
  grey?: boolean
}

/** ours are the words of a survey where an account has none of its own. */
export const ours = { title: '请评价本次服务', body: '您的评价会帮助我们改进。', good: '满意', fair: '一般', bad: '不满意', ask: '哪里没有做好？', thanks: '感谢您的评价！' }

/** clock is a time as cards say it: 11月26日 09:05. */
export const clock = (at: Date) =>
  `${at.getMonth() + 1}月${at.getDate()}日 ${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`

/** surveyCards are the cards of a survey that is sent now, in the order in which they can be seen. */
export function surveyCards(rule: Rule, now: Date): SurveyCard[] {
  const said = (key: keyof typeof ours) => rule.words[key].trim() || ours[key]
  const until = clock(new Date(now.getTime() + rule.expires_seconds * 1000))
  const buttons = [said('good'), said('fair'), said('bad')]
  const asked = { comment: true, buttons }
  const cards: SurveyCard[] = [{ when: 'sent', title: said('title'), desc: '坐席：李明', body: `${said('body')}\n请在 ${until} 前评价。`, ...asked }]
  if (rule.ask_reason) cards.push({ when: 'bad', title: said('ask'), desc: '可多选', options: rule.reasons.filter((r) => r.trim() !== ''), buttons: ['提交'] })
  const words = { title: said('title'), body: `${said('body')}\n请在 ${until} 前评价。` }
  cards.push(
    rule.changeable
      ? { when: 'rated', title: `已评价：${said('good')}`, body: `在 ${until} 前可以修改。`, ...asked }
      : { when: 'rated', ...words, buttons: [`已评价：${said('good')}`], grey: true },
    { when: 'thanks', text: said('thanks') },
    { when: 'over', ...words, buttons: ['评价已截止'], grey: true },
  )
  return cards
}
