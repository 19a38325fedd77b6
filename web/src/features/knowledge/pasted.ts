/** pastedTable reads a table from Excel or Word: its rows, or nothing where it isn't one. */
export function pastedTable(data: Pick<DataTransfer, 'getData'>): string[][] | undefined {
  const html = data.getData('text/html')
  const rows = html ? fromHTML(html) : []
  const table = rows.length ? rows : fromTabs(data.getData('text/plain'))
  const wide = table.filter((row) => row.filter((cell) => cell.trim()).length >= 2)
  return wide.length ? table.filter((row) => row.some((cell) => cell.trim())) : undefined
}

function fromHTML(html: string): string[][] {
  const page = new DOMParser().parseFromString(html, 'text/html')
  for (const br of page.querySelectorAll('td br, th br')) br.replaceWith('\n')
  const table = page.querySelector('table')
  if (!table) return []
  return [...table.querySelectorAll('tr')].map((tr) =>
    [...tr.querySelectorAll('td, th')].map((cell) => {
      const paragraphs = [...cell.querySelectorAll('p')]
      return (paragraphs.length ? paragraphs.map((p) => p.textContent ?? '').join('\n') : (cell.textContent ?? '')).trim()
    }),
  )
}

// Excel quotes cells that hold line ends, and doubles the quotes in them.
function fromTabs(text: string): string[][] {
  if (!text.includes('\t')) return []
  const rows: string[][] = [[]]
  const cell = /(?:"((?:[^"]|"")*)"|([^\t\r\n]*))(\t|\r?\n|$)/gy
  for (let m = cell.exec(text); m; m = cell.exec(text)) {
    rows.at(-1)?.push(m[1] === undefined ? (m[2] ?? '') : m[1].replaceAll('""', '"'))
    if (m[3] === '') break
    if (m[3] !== '\t') rows.push([])
  }
  return rows
}

const known = /^(标准问题|标准问法|问题|question)$/i
const columns = ['标准问题', '答案', '相似问题', '分组']

/** tableFile makes a knowledge file of a pasted table. Without a header its columns are question, answer, similar questions and group. */
export function tableFile(rows: string[][], name: string): File {
  const header = rows[0]?.some((cell) => known.test(cell.trim())) ? [] : [columns.slice(0, Math.max(...rows.map((r) => r.length)))]
  return new File([csv([...header, ...rows])], name, { type: 'text/csv' })
}

/** csv writes rows so that spreadsheets read them: with a byte order mark, quoted. */
export const csv = (rows: string[][]) => `\ufeff${rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\r\n')}\r\n`

/** safeCell keeps a spreadsheet from taking a text for a formula. */
export const safeCell = (text: string) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)
