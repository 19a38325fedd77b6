/** waited is for how many whole minutes somebody has waited, by the server's clock; undefined where nobody does. */
export function waited(since: string | undefined, at: string | undefined): number | undefined {
  if (!since || !at) return undefined
  return Math.max(0, Math.floor((Date.parse(at) - Date.parse(since)) / 60_000))
}
