import { computed, ref, watch } from 'vue'
import { api, result, type Group, type GroupChat } from '@/api/simulator'
import { useResource } from '@/composables/useResource'
import type { World } from './world'

/** useGroup is the first group chat with an AI bot, and what its members can do there. */
export function useGroup(world: World) {
  const groups = useResource<Group[]>(async () => (await result(api.GET('/sim/v1/groups'))).items)
  const id = computed(() => groups.data.value?.[0]?.id ?? '')
  const chat = useResource<GroupChat | undefined>(async () =>
    id.value ? result(api.GET('/sim/v1/groups/{id}', { params: { path: { id: id.value } } })) : undefined,
  )
  const me = ref('')

  void groups.load()
  world.stream.on('hello', () => void groups.load())
  // What happens in a group belongs to no app.
  world.stream.on('touched', (touched) => {
    if (touched.agentid < 0) void chat.load()
  })
  watch(id, () => void chat.load())
  watch(chat.data, (now) => {
    if (now && !now.members.includes(me.value)) me.value = now.members[0] ?? ''
  })

  return {
    groups,
    chat,
    me,
    async write(text: string) {
      await result(api.POST('/sim/v1/groups/{id}/messages', { params: { path: { id: id.value } }, body: { userid: me.value, text } }))
      await chat.load()
    },
  }
}
