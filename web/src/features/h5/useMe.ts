import { api, result, type Schemas } from '@/api/client'
import { forget, useLoad } from './useLoad'

export type Me = Schemas['MyView']

const fetchMe = () => result(api.GET('/api/v1/my'))

let shown: string | undefined // whose pages these are

/** useMe is who opens the page, and what they are to the accounts. */
export function useMe() {
  return useLoad<Me>(
    () => 'me',
    async () => {
      const me = await fetchMe()
      shown = me.userid
      return me
    },
  )
}

/** useStillMe starts the page anew where somebody else has signed in with this browser meanwhile. */
export function useStillMe() {
  return {
    async look() {
      if (shown === undefined) return
      try {
        const now = await fetchMe()
        if (now.userid === shown) return
      } catch {
        return // what is open stays; the next load says what is wrong
      }
      forget()
      location.reload()
    },
  }
}
