/** synonymWords reads a line such as "OA = 办公系统", in whatever way people part words. */
export const synonymWords = (line: string) => [...new Set(line.split(/[=＝,，、;；|\t]/).map((w) => w.trim()).filter(Boolean))]

export const synonymLine = (words: string[]) => words.join(' = ')
