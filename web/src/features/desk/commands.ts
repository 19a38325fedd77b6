import { lists, keyOf, type SeatState } from './types'
import type { DeskIconName } from './DeskIcon.vue'
import type { Desk } from './useDesk'
import { useRights } from './rights'

export interface Command {
  id: string
  title: string
  icon: DeskIconName
  /** The keys that do the same, as people read them. */
  keys: string
  run: () => void
}

const letters = { mine: 'M', queue: 'Q', bot: 'B', attention: 'A', closed: 'E' } as const

/** makeCommands are all that one can do from the keyboard, as things stand. */
export function makeCommands(desk: Desk): () => Command[] {
  const { t } = desk
  const rights = useRights(desk, () => desk.session.value)

  return () => {
    const s = desk.session.value
    const key = s && keyOf(s)
    const all: (Command | false | undefined)[] = [
      desk.accounts.value.some((a) => a.seat) && { id: 'next', title: t('desk.act.next'), icon: 'inbox', keys: 'X', run: () => void desk.actions.next() },
      key && rights.claimable.value && { id: 'claim', title: t('desk.act.claim'), icon: 'hand', keys: 'C', run: () => void desk.actions.claim(key) },
      key && rights.mine.value && { id: 'reply', title: t('desk.act.reply'), icon: 'talk', keys: 'R', run: () => desk.composer.value?.focus(false) },
      key && rights.noteable.value && { id: 'note', title: t('desk.act.note'), icon: 'note', keys: 'N', run: () => desk.composer.value?.focus(true) },
      key && rights.transferable.value && { id: 'transfer', title: t('desk.act.transfer'), icon: 'transfer', keys: 'T', run: () => (desk.dialog.value = 'transfer') },
      key && rights.endable.value && { id: 'end', title: t('desk.act.end'), icon: 'end', keys: 'E', run: () => (desk.dialog.value = 'end') },
      key && rights.mine.value && { id: 'keep', title: t(s.keep_open ? 'desk.act.keepNoLonger' : 'desk.act.keep'), icon: 'pin', keys: '', run: () => void desk.actions.keep(key, !s.keep_open) },
      key && rights.takeable.value && { id: 'takeover', title: t('desk.act.takeover'), icon: 'hand', keys: '', run: () => void desk.actions.takeover(key) },
      key && rights.mine.value && { id: 'quick', title: t('desk.quick.manage'), icon: 'bolt', keys: '', run: () => desk.composer.value?.manage() },
      key && { id: 'details', title: t('desk.details.title'), icon: 'info', keys: 'I', run: () => desk.toggleDetails() },
      ...lists.map((l): Command => ({ id: `list-${l}`, title: t('desk.goTo', { list: t(`desk.list.${l}`) }), icon: 'inbox', keys: `G ${letters[l]}`, run: () => desk.showList(l) })),
      ...(['online', 'away', 'offline'] as SeatState[]).map(
        (state): Command | false => desk.accounts.value.some((a) => a.seat) && { id: `state-${state}`, title: t('desk.goState', { state: t(`desk.state.${state}`) }), icon: 'check', keys: '', run: () => void desk.actions.state(state) },
      ),
      { id: 'help', title: t('desk.help.title'), icon: 'command', keys: '?', run: () => (desk.dialog.value = 'help') },
    ]
    return all.filter((c): c is Command => !!c)
  }
}

/** The letter behind G that leads to each list. */
export const listLetters = new Map(lists.map((l) => [letters[l].toLowerCase(), l]))
