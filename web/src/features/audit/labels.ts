/** actions lists the actions that have words, in their groups, for a picker. */
export function actions(texts: unknown): { group: string; items: { value: string; label: string }[] }[] {
  return Object.entries((texts ?? {}) as Record<string, Record<string, string>>).map(([group, words]) => ({
    group,
    items: Object.entries(words).map(([word, label]) => ({ value: `${group}.${word}`, label })),
  }))
}
