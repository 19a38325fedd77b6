/** ApiError is a request that failed; reason is a stable word, "offline" where nobody answered. */
export class ApiError extends Error {
  constructor(
    readonly reason: string,
    readonly status: number,
    message: string,
    /** What came with the failure, such as the fields at fault. */
    readonly body?: unknown,
  ) {
    super(message)
  }
}

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** result gives what a request answered, or throws an ApiError. */
export async function result<T>(request: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>
  try {
    answer = await request
  } catch (cause) {
    throw new ApiError('offline', 0, String(cause))
  }
  if (answer.response.ok) return answer.data as T
  const failure = (answer.error as { error?: { reason?: string; message?: string } } | undefined)?.error
  throw new ApiError(failure?.reason ?? 'internal', answer.response.status, failure?.message ?? answer.response.statusText, failure)
}

export function reasonOf(err: unknown): string {
  return err instanceof ApiError ? err.reason : 'internal'
}
