import { computed } from 'vue'
import { isMine } from './board'
import type { Session } from './types'
import type { DeskParts } from './useDesk'

/** useRights says what one may do to a session as it stands. The server decides the same. */
export function useRights(desk: DeskParts, session: () => Session | undefined) {
  const account = computed(() => desk.accounts.value.find((a) => a.key === session()?.account))
  const may = (operation: string) => !!account.value && desk.mayOn(account.value.key, operation)
  const mine = computed(() => {
    const s = session()
    return !!s && isMine(s, desk.userid(), account.value?.seat ?? false)
  })
  const own = computed(() => mine.value && session()?.seat?.userid === desk.userid())
  const open = computed(() => !!session() && session()?.state !== 'closed')
  const runs = computed(() => account.value?.runs ?? false)
  return {
    mine,
    own,
    may,
    open,
    runs,
    /** It is nobody's own yet, and one answers for the account. */
    claimable: computed(() => open.value && !session()?.seat && !!account.value?.seat && may('claimSession')),
    /** It is somebody else's, and one may take it from them. */
    takeable: computed(() => open.value && !!session()?.seat && !own.value && may('takeOverSession')),
    endable: computed(() => session()?.state === 'serving' && (mine.value || runs.value) && may('endSession')),
    transferable: computed(() => session()?.state === 'serving' && (own.value || mine.value || runs.value) && may('transferSession')),
    noteable: computed(() => open.value && (mine.value || runs.value) && may('noteSession')),
  }
}
