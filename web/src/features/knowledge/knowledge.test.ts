import { describe, expect, it } from 'vitest'
import { badCharacters, mediaRef, mergeLines, parts, pieces } from './entryText'
import { csv, pastedTable, safeCell, tableFile } from './pasted'
import { synonymWords } from './synonyms'
import { formOf, localTime, useEntryForm } from './useEntryForm'
import { flatten, swapped } from './useGroups'

const clipboard = (data: Record<string, string>) => ({ getData: (type: string) => data[type] ?? '' })

describe('similar questions', () => {
  it('are taken once, without bullets, and repeats are told', () => {
    const merged = mergeLines(['忘了密码'], '密码怎么重置', '• 忘了 密码？\n1. 改密码\n\n密码怎么重置。\n改密码')
    expect(merged).toEqual({ lines: ['忘了密码', '改密码'], repeated: ['忘了 密码？', '密码怎么重置。', '改密码'] })
  })
  it('keep numbers that belong to them', () => {
    expect(mergeLines([], '', '2026 年假怎么休\n12306 怎么报销').lines).toEqual(['2026 年假怎么休', '12306 怎么报销'])
  })
})

describe('messages', () => {
  it('say where a character must not stand', () => {
    expect(badCharacters('好\n我\u0007们')).toEqual([{ line: 2, column: 2, code: 'U+0007' }])
    expect(badCharacters('一\t二\r\n三')).toEqual([])
  })
  it('are pictures only as a whole', () => {
    expect(mediaRef('[图片:12]')).toEqual({ kind: 'image', id: '12' })
    expect(mediaRef('见 [图片:12]')).toBeUndefined()
  })
  it('count bytes as WeCom does', () => {
    expect([parts('a'.repeat(2048)), parts('好'.repeat(683))]).toEqual([1, 2])
  })
  it('link to nothing but pages', () => {
    expect(pieces('见 <a href="https://a.cn/x">这里</a>，或 https://b.cn/y。')).toEqual([
      { text: '见 ' }, { text: '这里', href: 'https://a.cn/x' }, { text: '，或 ' }, { text: 'https://b.cn/y', href: 'https://b.cn/y' }, { text: '。' },
    ])
    expect(pieces('<a href="javascript:alert(1)">x</a>').some((p) => p.href)).toBe(false)
  })
})

describe('a pasted table', () => {
  it('is read from Excel, with line ends and quotes in cells', () => {
    expect(pastedTable(clipboard({ 'text/plain': '问题\t答案\r\n怎么连\t"第一步\n点""连接"""\r\n' }))).toEqual([['问题', '答案'], ['怎么连', '第一步\n点"连接"']])
  })
  it('is read from Word', () => {
    const html = '<table><tr><td><p>怎么连</p></td><td><p>一</p><p>二</p></td></tr></table>'
    expect(pastedTable(clipboard({ 'text/html': html, 'text/plain': '' }))).toEqual([['怎么连', '一\n二']])
  })
  it('is none where there is one column', () => {
    expect(pastedTable(clipboard({ 'text/plain': '一行\n两行' }))).toBeUndefined()
  })
  it('gets a header where it has none', async () => {
    expect(await tableFile([['怎么连', '这样']], 'x.csv').text()).toContain('"标准问题","答案"\r\n"怎么连","这样"')
    expect(await tableFile([['问题', '答案'], ['a', 'b']], 'x.csv').text()).not.toContain('标准问题')
  })
  it('is written so that nothing becomes a formula', () => {
    expect(csv([['a"b', safeCell('=1+1')]])).toBe('\ufeff"a""b","\'=1+1"\r\n')
  })
})

describe('an entry in hands', () => {
  it('is dirty once something differs, and gives back what nobody touched', () => {
    const { form, dirty, load, entry } = useEntryForm()
    load({ id: '7', version: 3, question: '问', answer: '答', more: ['二'], state: 'on', valid_until: '2026-10-09T00:00:30Z' })
    expect(dirty.value).toBe(false)
    expect(entry()).toMatchObject({ id: '7', version: 3, answer: '答', more: ['二'], valid_until: '2026-10-09T00:00:30Z' })
    form.value.messages = ['', '二']
    expect(dirty.value).toBe(true)
    expect(entry()).toMatchObject({ answer: '二', more: [] })
  })
  it('has an empty time for always', () => {
    expect([localTime(undefined), formOf().from]).toEqual(['', ''])
  })
})

describe('groups', () => {
  const leaf = (path: string) => ({ path, name: path.split('/').at(-1) ?? '', entries: 0, groups: [] })
  it('are hidden below a closed one', () => {
    const tree = [{ ...leaf('a'), groups: [leaf('a/b')] }, leaf('c')]
    expect(flatten(tree).map((g) => [g.path, g.depth])).toEqual([['a', 0], ['a/b', 1], ['c', 0]])
    expect(flatten(tree, new Set(['a'])).map((g) => g.path)).toEqual(['a', 'c'])
  })
  it('move by one place, and not past the end', () => {
    expect([swapped(['a', 'b', 'c'], 'b', -1), swapped(['a', 'b'], 'b', 1)]).toEqual([['b', 'a', 'c'], ['a', 'b']])
  })
})

it('reads synonyms however their words are parted', () => {
  expect(synonymWords('OA = 办公系统，协同办公 、OA')).toEqual(['OA', '办公系统', '协同办公'])
})
