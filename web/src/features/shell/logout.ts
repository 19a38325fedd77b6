/** logout ends this browser's login; one that is gone already is as good. */
export async function logout(): Promise<void> {
  await globalThis.fetch('/api/v1/logout', { method: 'POST' })
}
