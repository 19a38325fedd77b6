import { watch } from 'vue'
import type { Corp, Phone } from '@/api/simulator'
import { useStored } from '@/composables/useStored'
import type { World } from './world'

export const mostPhones = 6

function isPhones(value: unknown): value is Phone[] {
  return (
    Array.isArray(value) &&
    value.every((p: Partial<Phone> | null) => typeof p?.userid === 'string' && typeof p.agentid === 'number')
  )
}

/** usePhones is which phones lie on the table. */
export function usePhones(world: World) {
  const phones = useStored<Phone[]>('deskmate.phones', [], isPhones)

  watch(world.corp.data, (corp) => {
    if (!corp) return
    const there = phones.value.filter((p) => world.member(p.userid) && world.app(p.agentid))
    if (there.length === 0) phones.value = corp.phones.map((p) => ({ ...p }))
    else if (there.length !== phones.value.length) phones.value = there
  })

  return {
    phones,
    /** add puts another phone on the table: of somebody whose isn't there yet. */
    add(corp: Corp) {
      const last = phones.value.at(-1)?.agentid ?? corp.apps[0]?.agentid
      const free = corp.members.find((m) => !phones.value.some((p) => p.userid === m.userid && p.agentid === last))
      if (last !== undefined && free && phones.value.length < mostPhones) {
        phones.value = [...phones.value, { userid: free.userid, agentid: last }]
      }
    },
    change(at: number, phone: Phone) {
      phones.value = phones.value.map((p, i) => (i === at ? phone : p))
    },
    remove(at: number) {
      phones.value = phones.value.filter((_, i) => i !== at)
    },
  }
}
