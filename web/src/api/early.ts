interface Early {
  answer: Promise<{ res: Response; text: string }>
  at: number
}

declare global {
  /** What src/app/ahead.ts asked for before the page's script was there, by address. */
  var deskmateEarly: Map<string, Early> | undefined
}

const patience = 200 // ms that a page waits for them before it shows itself without
const fresh = 10_000 // ms for which an answer that came early is news

/** taken is the answer to a request that was asked early, once; undefined where none was, or long ago. */
export function taken(request: Request): Promise<Response> | undefined {
  const found = globalThis.deskmateEarly?.get(request.url)
  if (!found || request.method !== 'GET') return undefined
  globalThis.deskmateEarly?.delete(request.url)
  if (performance.now() - found.at >= fresh) return undefined
  // What was read is given as it is: to read it again would wait for a turn, and the page be painted without it.
  return found.answer.then(({ res, text }) => Object.assign(res, { text: () => Promise.resolve(text), json: () => Promise.resolve(JSON.parse(text) as unknown) }))
}

/** earlyAnswers resolves once all that was asked for early is there, or would keep the page waiting. */
export async function earlyAnswers(): Promise<void> {
  const all = [...(globalThis.deskmateEarly?.values() ?? [])].map(({ answer }) => answer)
  await Promise.race([Promise.allSettled(all), new Promise((resolve) => setTimeout(resolve, patience))])
}
