/** useDraft keeps what was typed and not sent yet, in this browser. */
export function useDraft(name: string) {
  const key = `deskmate.h5.draft.${name}`
  return {
    read(): string {
      try {
        return localStorage.getItem(key) ?? ''
      } catch {
        return ''
      }
    },
    write(text: string) {
      try {
        localStorage.setItem(key, text)
      } catch {
        // Then it lives as long as the page.
      }
    },
    clear() {
      try {
        localStorage.removeItem(key)
      } catch {
        // Nothing was kept.
      }
    },
  }
}
