import { useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, result } from '@/api/client'

/** useRecord is one session as it is looked up later. */
export function useRecord(account: Ref<string>, id: Ref<string>) {
  const path = computed(() => ({ account: account.value, id: id.value }))
  const record = useQuery({
    queryKey: ['record', account, id],
    queryFn: ({ signal }) => result(api.GET('/api/v1/accounts/{account}/records/{id}', { params: { path: path.value }, signal })),
  })
  const messages = useInfiniteQuery({
    queryKey: ['record-messages', account, id],
    queryFn: ({ pageParam, signal }) =>
      result(api.GET('/api/v1/accounts/{account}/records/{id}/messages', { params: { path: path.value, query: { after: pageParam || undefined, limit: 200 } }, signal })),
    initialPageParam: 0,
    getNextPageParam: (last) => (last.next ? Number(last.next) : undefined),
  })
  const employee = computed(() => record.data.value?.employee ?? '')
  const seats = useQuery({
    queryKey: ['employee-seats', account, employee],
    queryFn: ({ signal }) => result(api.GET('/api/v1/accounts/{account}/employees/{userid}/records', { params: { path: { account: account.value, userid: employee.value } }, signal })),
    enabled: () => employee.value !== '',
  })
  const others = useQuery({
    queryKey: ['records', account, { employee }],
    queryFn: ({ signal }) =>
      result(api.GET('/api/v1/accounts/{account}/records', { params: { path: { account: account.value }, query: { employee: employee.value, limit: 11 } }, signal })),
    enabled: () => employee.value !== '',
  })
  return { record, messages, seats, others }
}

/** useDecisions is what was decided on each event of a session. It is read when somebody wants it: reading is audited. */
export function useDecisions(account: Ref<string>, id: Ref<string>, wanted: Ref<boolean>) {
  return useInfiniteQuery({
    queryKey: ['record-decisions', account, id],
    queryFn: ({ pageParam, signal }) =>
      result(api.GET('/api/v1/accounts/{account}/records/{id}/decisions', {
        params: { path: { account: account.value, id: id.value }, query: { after: pageParam || undefined, limit: 200 } }, signal,
      })),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    enabled: wanted,
  })
}
