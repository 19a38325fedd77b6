import { watch, type Ref } from 'vue'
import { api, result, type Conversation, type Message, type Phone } from '@/api/simulator'
import { useResource } from '@/composables/useResource'
import type { World } from './world'

/** useConversation is what a phone shows, and what its owner can do. */
export function useConversation(phone: Ref<Phone>, world: World) {
  const path = () => ({ agentid: phone.value.agentid, userid: phone.value.userid })
  const conversation = useResource<Conversation>(() =>
    result(api.GET('/sim/v1/apps/{agentid}/members/{userid}/conversation', { params: { path: path() } })),
  )

  world.stream.on('hello', () => void conversation.load())
  world.stream.on('touched', (touched) => {
    const mine = touched.userid === '' || touched.userid.toLowerCase() === phone.value.userid.toLowerCase()
    if (mine && touched.agentid === phone.value.agentid) void conversation.load()
  })

  async function enter() {
    try {
      await result(api.POST('/sim/v1/apps/{agentid}/members/{userid}/enter', { params: { path: path() } }))
    } catch {
      // Who can't open the conversation sees so when they write.
    }
  }

  watch(
    () => `${phone.value.agentid} ${phone.value.userid}`,
    () => {
      conversation.data.value = undefined
      void conversation.load()
      void enter()
    },
    { immediate: true },
  )

  /** did waits for what was done, and then shows it. */
  async function did(request: Promise<unknown>) {
    await request
    await conversation.load()
  }

  const card = (msgid: string) => ({ params: { path: { ...path(), msgid } } })
  return {
    ...conversation,
    write: (body: Message) =>
      did(result(api.POST('/sim/v1/apps/{agentid}/members/{userid}/messages', { params: { path: path() }, body }))),
    sendPicture(file: File) {
      const form = new FormData()
      form.append('file', file)
      const { agentid, userid } = path()
      return did(
        result(
          api.POST('/sim/v1/apps/{agentid}/members/{userid}/pictures', {
            params: { path: { agentid, userid } },
            body: { file: '' },
            bodySerializer: () => form,
          }),
        ),
      )
    },
    click: (msgid: string, key: string) =>
      did(
        result(
          api.POST('/sim/v1/apps/{agentid}/members/{userid}/cards/{msgid}/click', { ...card(msgid), body: { key } }),
        ),
      ),
    clickCardMenu: (msgid: string, key: string) =>
      did(
        result(api.POST('/sim/v1/apps/{agentid}/members/{userid}/cards/{msgid}/menu', { ...card(msgid), body: { key } })),
      ),
    submit: (msgid: string, selected: Record<string, string[]>) =>
      did(
        result(
          api.POST('/sim/v1/apps/{agentid}/members/{userid}/cards/{msgid}/submit', { ...card(msgid), body: { selected } }),
        ),
      ),
    clickMenu: (key: string) =>
      did(result(api.POST('/sim/v1/apps/{agentid}/members/{userid}/menu', { params: { path: path() }, body: { key } }))),
  }
}
