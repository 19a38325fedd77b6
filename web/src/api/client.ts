import createClient from 'openapi-fetch'
import { taken } from './early'
import type { components, paths } from './schema'

export { ApiError, reasonOf, result } from './failure'

/** Schemas are the API's shapes, by name. */
export type Schemas = components['schemas']

// fetch is looked up at each call, so that tests can stand in for it.
export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? '', fetch: (request) => taken(request) ?? globalThis.fetch(request) })

/** apiURL is the address of something that the browser loads by itself, such as a picture or a file. */
export const apiURL = (account: string, path: string) => `/api/v1/accounts/${encodeURIComponent(account)}/${path}`
