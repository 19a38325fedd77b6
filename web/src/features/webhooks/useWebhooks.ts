import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, result, type Schemas } from '@/api/client'

export type Webhook = Schemas['WebhookView']
export type Delivery = Schemas['HookDeliveryView']
export type Fields = Schemas['WebhookFields']

/** events are what a webhook may be told of, in the order in which they happen. */
export const events = ['session.opened', 'question.missed', 'session.handed_off', 'session.assigned', 'session.closed', 'session.rated'] as const

/** word is an event's name as a key of texts, which have no dots. */
export const word = (event: string) => event.replace('.', '_')

/** useWebhooks are an account's webhooks, and what can be done with them. */
export function useWebhooks(account: Ref<string>) {
  const queries = useQueryClient()
  const path = computed(() => ({ account: account.value }))
  const list = useQuery({
    queryKey: ['webhooks', account],
    queryFn: ({ signal }) => result(api.GET('/api/v1/accounts/{account}/webhooks', { params: { path: path.value }, signal })),
    refetchInterval: 10_000,
  })
  const changed = async <T>(act: Promise<T>) => {
    try {
      return await act
    } finally {
      await Promise.all([queries.invalidateQueries({ queryKey: ['webhooks', account] }), queries.invalidateQueries({ queryKey: ['webhook-deliveries', account] })])
    }
  }
  const of = (id: string) => ({ params: { path: { ...path.value, id } } })
  return {
    list,
    create: (body: Fields) => changed(result(api.POST('/api/v1/accounts/{account}/webhooks', { params: { path: path.value }, body }))),
    update: (id: string, version: number, body: Fields) => changed(result(api.PUT('/api/v1/accounts/{account}/webhooks/{id}', { ...of(id), body: { ...body, version } }))),
    remove: (id: string) => changed(result(api.DELETE('/api/v1/accounts/{account}/webhooks/{id}', of(id)))),
    renew: (id: string) => changed(result(api.POST('/api/v1/accounts/{account}/webhooks/{id}/secret', of(id)))),
    ping: (id: string) => changed(result(api.POST('/api/v1/accounts/{account}/webhooks/{id}/ping', of(id)))),
    replay: (id: string, delivery: string) =>
      changed(result(api.POST('/api/v1/accounts/{account}/webhooks/{id}/deliveries/{delivery}/replay', { params: { path: { ...path.value, id, delivery } } }))),
    replayDead: (id: string) => changed(result(api.POST('/api/v1/accounts/{account}/webhooks/{id}/replays', { ...of(id), body: { state: 'dead' } }))),
  }
}
