import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, result } from '@/api/client'
import { useKnowledge, type GroupNode } from './useKnowledge'

export interface FlatGroup extends GroupNode {
  depth: number
  parent: string
  /** siblings are the names beside it, itself included, in their order. */
  siblings: string[]
}

/** flatten gives the groups of a tree from top to bottom, without those below closed ones. */
export function flatten(groups: GroupNode[], closed: ReadonlySet<string> = new Set(), depth = 0, parent = ''): FlatGroup[] {
  const siblings = groups.map((g) => g.name)
  return groups.flatMap((g) => [{ ...g, depth, parent, siblings }, ...(closed.has(g.path) ? [] : flatten(g.groups ?? [], closed, depth + 1, g.path))])
}

/** swapped is names with one of them a place up (-1) or down (1). */
export function swapped(names: string[], name: string, by: -1 | 1): string[] {
  const from = names.indexOf(name)
  const to = from + by
  if (from < 0 || to < 0 || to >= names.length) return names
  const moved = [...names]
  moved.splice(to, 0, ...moved.splice(from, 1))
  return moved
}

/** useGroups is the tree of groups. */
export function useGroups() {
  const { account, path } = useKnowledge()
  const tree = useQuery({
    queryKey: computed(() => ['knowledge', account.value, 'groups']),
    queryFn: () => result(api.GET('/api/v1/accounts/{account}/groups', { params: { path: path.value } })),
  })
  return { tree, paths: computed(() => flatten(tree.data.value?.groups ?? []).map((g) => g.path)) }
}
