interface Early {
  answer: Promise<Response>
  at: number
}

declare global {
  /** What src/app/ahead.ts asked for before the page's script was there, by address. */
  var deskmateEarly: Map<string, Early> | undefined
}

const fresh = 10_000 // ms for which an answer that came early is news

/** taken is the answer to a request that was asked early, once; undefined where none was, or long ago. */
export function taken(request: Request): Promise<Response> | undefined {
  const found = globalThis.deskmateEarly?.get(request.url)
  if (!found || request.method !== 'GET') return undefined
  globalThis.deskmateEarly?.delete(request.url)
  return performance.now() - found.at < fresh ? found.answer : undefined
}
