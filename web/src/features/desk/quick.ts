import type { Quick } from './types'

export interface Names {
  employee: string
  seat: string
  account: string
}

/** expand puts names in the place of the words that a quick reply has for them. */
export function expand(text: string, names: Names): string {
  const words: Record<string, string> = { employee: names.employee, 员工: names.employee, seat: names.seat, 坐席: names.seat, account: names.account, 账号: names.account }
  return text.replace(/[{｛](employee|员工|seat|坐席|account|账号)[}｝]/g, (_, word: string) => words[word] ?? '')
}

const fold = (s: string) => s.toLowerCase().replace(/[！-～]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))

/** matching are the quick replies that a word is about: those whose shortcut begins with it first. */
export function matching(all: Quick[], word: string): Quick[] {
  const w = fold(word.trim())
  if (!w) return all
  const rank = (q: Quick) => {
    if (fold(q.shortcut) === w) return 0
    if (fold(q.shortcut).startsWith(w)) return 1
    return fold(`${q.group}\n${q.shortcut}\n${q.title}\n${q.text}`).includes(w) ? 2 : 3
  }
  return all
    .map((q) => [rank(q), q] as const)
    .filter(([r]) => r < 3)
    .sort(([x], [y]) => x - y)
    .map(([, q]) => q)
}

/** WeCom takes so many bytes in one text. */
export const textBytes = 2048
/** The API takes so many characters. */
export const textMost = 6000

export const bytesOf = (text: string): number => new TextEncoder().encode(text).length
