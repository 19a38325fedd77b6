import type { Session } from './types'
import type { DeskParts } from './useDesk'

/** tagsOf are what a list says of a session besides its lines: who has it, where that isn't plain from the list, and whose it is. */
export function tagsOf(desk: DeskParts, s: Session): { text: string; kind: string }[] {
  const tags = []
  const list = desk.list.value
  if (s.state === 'serving') {
    if (!s.seat) tags.push({ text: desk.t('desk.mode.shared'), kind: 'queued' })
    else if (s.seat.userid !== desk.userid()) tags.push({ text: s.seat.name, kind: '' })
  } else if (list !== 'queue' && list !== 'bot' && list !== 'closed') tags.push({ text: desk.t(`desk.mode.${s.state}`), kind: s.state })
  if (s.state === 'queued' && s.handoff_reason) tags.push({ text: desk.t(`desk.handoff.${s.handoff_reason}`), kind: '' })
  if (s.state === 'closed' && s.seat) tags.push({ text: s.seat.name, kind: '' })
  const account = desk.accounts.value.length > 1 && !desk.account.value ? desk.board.accounts.value.get(s.account) : undefined
  if (account) tags.push({ text: account.name, kind: '' })
  return tags
}
