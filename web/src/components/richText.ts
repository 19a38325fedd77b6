export interface Piece {
  text: string
  /** Where it leads; '' for plain text. */
  href: string
}

const anchor = /<a\s+[^<>]*?href\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')[^<>]*>([^<>]*)<\/a>/gi
const address = /https?:\/\/[^\s<>"'，。；：！？、（）【】《》「」]+/gi

/** richText takes an app's text apart as WeCom shows it: <a href> and bare web addresses are links. */
export function richText(text: string): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const match of text.matchAll(anchor)) {
    pieces.push(...addresses(text.slice(from, match.index)))
    const href = webAddress(match[1] ?? match[2] ?? '')
    pieces.push({ text: match[3] || href || match[0], href })
    from = match.index + match[0].length
  }
  pieces.push(...addresses(text.slice(from)))
  return pieces.filter((p) => p.text !== '')
}

function addresses(text: string): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const match of text.matchAll(address)) {
    pieces.push({ text: text.slice(from, match.index), href: '' }, { text: match[0], href: webAddress(match[0]) })
    from = match.index + match[0].length
  }
  pieces.push({ text: text.slice(from), href: '' })
  return pieces
}

/** webAddress lets http and https through and nothing else; '' for what is no address. */
export function webAddress(address: string | undefined): string {
  try {
    const url = new URL(address ?? '')
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : ''
  } catch {
    return ''
  }
}
