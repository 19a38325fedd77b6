/** What one text message of WeCom holds; a longer answer arrives in several. */
export const messageBytes = 2048
/** What one message of an entry may have. */
export const messageChars = 5000
export const questionChars = 200
export const messagesMax = 5

export const chars = (text: string) => [...text].length
export const bytes = (text: string) => new TextEncoder().encode(text).length
/** parts is how many messages of WeCom a text takes, as far as its bytes tell. */
export const parts = (text: string) => Math.max(1, Math.ceil(bytes(text) / messageBytes))

export interface MediaRef {
  kind: 'image' | 'file'
  id: string
}

/** mediaRef reads a message that stands for a picture or file as a whole. */
export function mediaRef(message: string): MediaRef | undefined {
  const found = /^\[(图片|文件):(\d+)\]$/.exec(message.trim())
  return found?.[2] ? { kind: found[1] === '图片' ? 'image' : 'file', id: found[2] } : undefined
}

/** fold is near to how the server compares questions; what it doesn't see the server says. */
export const fold = (text: string) => text.normalize('NFKC').toLowerCase().replace(/[\s\p{P}]/gu, '')

export interface Merged {
  lines: string[]
  /** What was there already, and wasn't taken again. */
  repeated: string[]
}

/** mergeLines adds pasted lines to questions, each once. Word's bullets and numbers at their start go. */
export function mergeLines(have: string[], standard: string, pasted: string): Merged {
  const seen = new Set([standard, ...have].map(fold))
  const merged: Merged = { lines: [...have], repeated: [] }
  for (const raw of pasted.split(/\r?\n/)) {
    const line = raw.replace(/^\s*(?:[•·●▪◦‣]|[-*]\s|\d{1,2}[.、)]\s?)\s*/u, '').trim()
    if (!line) continue
    if (seen.has(fold(line))) merged.repeated.push(line)
    else {
      seen.add(fold(line))
      merged.lines.push(line)
    }
  }
  return merged
}

export interface BadCharacter {
  line: number
  column: number
  code: string
}

/** badCharacters finds control characters, which no file and no message may have. */
export function badCharacters(text: string): BadCharacter[] {
  return text.split('\n').flatMap((row, line) =>
    [...row].flatMap((c, column) => {
      const code = c.codePointAt(0) ?? 0
      const control = (code < 32 && code !== 9 && code !== 13) || (code >= 127 && code < 160) || code === 0xfffd
      return control ? [{ line: line + 1, column: column + 1, code: `U+${code.toString(16).toUpperCase().padStart(4, '0')}` }] : []
    }),
  )
}

export interface Piece {
  text: string
  href?: string
}

/** pieces cuts a text into what WeCom shows as words and as links. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = []
  const link = /<a\s+href=["'](https?:\/\/[^"']+)["']\s*>([^<]*)<\/a>|(https?:\/\/[^\s<>"'，。；、（）]+)/gi
  let at = 0
  for (const m of text.matchAll(link)) {
    if (m.index > at) found.push({ text: text.slice(at, m.index) })
    const href = m[1] ?? m[3] ?? ''
    found.push({ text: m[2] || href, href })
    at = m.index + m[0].length
  }
  if (at < text.length) found.push({ text: text.slice(at) })
  return found
}
