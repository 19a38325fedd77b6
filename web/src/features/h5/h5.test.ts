import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { texts } from '@/testing/texts'
import MySeat from './MySeat.vue'
import { placeOf } from './router'
import { rememberAccount, signedIn, signIn, signInAddress } from './signIn'
import SurveyPage from './SurveyPage.vue'
import TranscriptLine from './TranscriptLine.vue'
import { found, type Service } from './useServices'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})
afterEach(() => vi.unstubAllGlobals())

/** server answers by method and path what is given; a function is asked anew each time. */
function server(answers: Record<string, () => Response>) {
  const asked: string[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    const what = `${request.method} ${new URL(request.url).pathname}`
    asked.push(what)
    const answer = answers[what]
    if (!answer) throw new Error(`nobody asked for ${what}`)
    return answer()
  })
  return asked
}

describe('placeOf', () => {
  it.each([
    ['/h5', { page: 'my' }],
    ['/h5/', { page: 'my' }],
    ['/h5/services', { page: 'services' }],
    ['/h5/services/it', { page: 'service', account: 'it' }],
    ['/h5/records', { page: 'records', account: '' }],
    ['/h5/records?service=it', { page: 'records', account: 'it' }],
    ['/h5/records/it/12', { page: 'record', account: 'it', id: '12' }],
    ['/h5/survey/a.b-c', { page: 'survey', ticket: 'a.b-c' }],
    ['/h5/records/it', { page: 'missing' }],
    ['/h5/records/it/x', { page: 'missing' }],
    ['/h5/services/it/more', { page: 'missing' }],
    ['/h5/survey', { page: 'missing' }],
    ['/h5/services/%zz', { page: 'service', account: '%zz' }],
  ])('reads %s', (address, place) => {
    const url = new URL(address, 'https://desk.example')
    expect(placeOf(address.split('?')[0] ?? '', url.searchParams)).toEqual(place)
  })
})

describe('found', () => {
  const service = (key: string, name: string, words: string[], description = ''): Service => ({ key, name, description, words, talked: false })
  const all = [
    service('it', 'IT 服务台', ['it 服务台', 'it服务台', 'itfuwutai', 'ifwt'], '电脑和网络'),
    service('hr', '人事服务', ['人事服务', 'renshifuwu', 'rsfw', 'fuwu']),
  ]
  it.each([
    ['', ['it', 'hr']],
    ['  ', ['it', 'hr']],
    ['rsfw', ['hr']],
    ['RenShi', ['hr']],
    ['ＩＴ服务', ['it']],
    ['服务', ['it', 'hr']],
    ['网络', ['it']],
    ['fuwu', ['hr']],
    ['xyz', []],
  ])('%j', (query, keys) => {
    expect(found(all, query).map((s) => s.key)).toEqual(keys)
  })
})

describe('signIn', () => {
  it('goes by the account that the address named, once in a while', () => {
    const went = vi.fn()
    rememberAccount('it')
    rememberAccount('not a key')
    expect(signIn(went, 1_000_000)).toBe(true)
    expect(went).toHaveBeenCalledWith(expect.stringMatching(/^\/auth\/start\?account=it&to=/))
    expect(signIn(went, 1_010_000)).toBe(false)
    expect(signIn(went, 1_020_000)).toBe(true)
    signedIn()
    expect(signIn(went, 1_021_000)).toBe(true)
    expect(went).toHaveBeenCalledTimes(3)
  })

  it('asks where no account is known', () => {
    expect(signInAddress('/h5/records?service=it')).toBe('/login?to=%2Fh5%2Frecords%3Fservice%3Dit')
  })
})

describe('SurveyPage', () => {
  const survey = (change: object) => Response.json({ title: 'IT', rating: 'bad', reasons: [], comment: '', sent_at: '2026-11-23T02:00:00Z', until: '2026-11-30T02:00:00Z', ...change })
  const path = '/api/v1/surveys/x.y'

  it('keeps what could not be sent', async () => {
    server({ [`GET ${path}`]: () => survey({}), [`PUT ${path}`]: () => Response.json({ error: { reason: 'unavailable' } }, { status: 503 }) })
    const page = mount(SurveyPage, { props: { ticket: 'x.y' }, global: { plugins: [texts()] } })
    await flushPromises()
    await page.get('textarea').setValue('太慢了')
    await page.get('form').trigger('submit')
    await flushPromises()
    expect(page.get('[role=alert]').text()).toBe('出了点问题，请重试')
    expect(page.get('textarea').element.value).toBe('太慢了')
    expect(localStorage.getItem('deskmate.h5.draft.survey.x.y')).toBe('太慢了')
  })

  it('takes no more than 500 characters, and counts them as people do', async () => {
    server({ [`GET ${path}`]: () => survey({}) })
    const page = mount(SurveyPage, { props: { ticket: 'x.y' }, global: { plugins: [texts()] } })
    await flushPromises()
    await page.get('textarea').setValue('😀'.repeat(500))
    expect(page.get('.count').text()).toBe('500/500')
    expect(page.get('button').element.disabled).toBe(false)
    await page.get('textarea').setValue('😀'.repeat(501))
    expect(page.get('button').element.disabled).toBe(true)
  })
})

describe('MySeat', () => {
  it('goes back to what the server knows where it can’t be changed', async () => {
    server({ 'PUT /api/v1/accounts/it/me/state': () => Response.json({ error: { reason: 'pending', message: '' } }, { status: 503 }) })
    const page = mount(MySeat, { props: { seats: [{ account: 'it', title: 'IT', state: 'online', serving: 2 }] }, global: { plugins: [texts()] } })
    await page.get('input[value=away]').trigger('change')
    await flushPromises()
    expect(page.get('[role=alert]').text()).toBe('系统繁忙，请稍后再试')
    expect(page.get<HTMLInputElement>('input[value=online]').element.checked).toBe(true)
    expect(page.text()).toContain('正在接待 2 个会话')
  })
})

describe('TranscriptLine', () => {
  const show = (line: object) =>
    mount(TranscriptLine, {
      props: { account: 'IT', media: '/m', line: { seq: 1, from: 'bot', type: 'text', text: '', media: false, at: '2026-11-23T02:00:00Z', recalled: false, ...line } },
      global: { plugins: [texts()] },
    })

  it('shows links of the bot and nothing else of its markup', () => {
    const page = show({ text: '看<a href="https://a.example/x">这里</a><img src=x onerror=alert(1)><a href="javascript:alert(1)">那里</a>' })
    expect(page.findAll('.said a').map((a) => a.attributes('href'))).toEqual(['https://a.example/x'])
    expect(page.find('img').exists()).toBe(false)
  })

  it('shows nothing of what was taken back', () => {
    expect(show({ from: 'seat', name: '李明', text: '', recalled: true }).text()).toContain('这条消息已撤回')
  })

  it('offers to try a picture again', async () => {
    const page = show({ from: 'employee', type: 'image', text: '[图片]', media: true })
    await page.get('img').trigger('error')
    await page.get('button').trigger('click')
    expect(page.get('img').attributes('src')).toBe('/m?again=1')
  })
})
