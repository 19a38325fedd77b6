import { onScopeDispose, shallowRef } from 'vue'
import { ApiError } from '@/api/client'
import { upload } from './deskApi'

export interface Attachment {
  file: File
  preview: string
  state: 'loading' | 'there' | 'failed'
  media?: string
  error?: string
}

/** The most that the server takes of one file, in bytes. */
export const fileBytes = 20 * 1024 * 1024

/** useAttachments are pictures and files that are stored while one writes, and sent with it. */
export function useAttachments(account: () => string, refused: (file: File, why: 'large' | 'empty') => void) {
  const all = shallowRef<Attachment[]>([])
  const touch = () => (all.value = [...all.value])

  async function store(a: Attachment) {
    a.state = 'loading'
    touch()
    try {
      a.media = (await upload(account(), a.file)).id
      a.state = 'there'
    } catch (err) {
      a.state = 'failed'
      a.error = err instanceof ApiError ? err.message : ''
    }
    touch()
  }

  function drop(a: Attachment) {
    if (a.preview) URL.revokeObjectURL(a.preview)
    all.value = all.value.filter((b) => b !== a)
  }

  onScopeDispose(() => all.value.forEach(drop))
  return {
    all,
    drop,
    retry: store,
    add(files: Iterable<File>) {
      for (const file of files) {
        if (file.size > fileBytes) refused(file, 'large')
        else if (file.size === 0) refused(file, 'empty')
        else {
          const a: Attachment = { file, preview: file.type.startsWith('image/') ? URL.createObjectURL(file) : '', state: 'loading' }
          all.value = [...all.value, a]
          void store(a)
        }
      }
    },
    /** take gives what is stored, to be sent; its previews live on with it. */
    take(): Attachment[] {
      const there = all.value.filter((a) => a.state === 'there')
      all.value = all.value.filter((a) => a.state !== 'there')
      return there
    },
  }
}
