import { describe, expect, it } from 'vitest'
import { cut, held, zoomed } from './crop'

describe('cropping', () => {
  it('takes the middle of what is not square', () => {
    expect(cut({ zoom: 1, x: 0, y: 0 }, 2000, 1000)).toEqual({ left: 500, top: 0, length: 1000, side: 750 })
  })
  it('never leaves the picture', () => {
    expect(held({ zoom: 0.2, x: 9, y: 9 }, 2000, 1000)).toEqual({ zoom: 1, x: 0.5, y: 0 })
    expect(cut({ zoom: 1, x: 9, y: -9 }, 2000, 1000)).toMatchObject({ left: 0, top: 0 })
    expect(cut({ zoom: 2, x: -9, y: -9 }, 100, 100)).toMatchObject({ left: 50, top: 50, length: 50 })
  })
  it('never draws larger than the picture is', () => {
    expect(cut({ zoom: 1, x: 0, y: 0 }, 300, 400).side).toBe(300)
    expect(cut({ zoom: 4, x: 0, y: 0 }, 2, 2).side).toBe(1)
  })
  it('keeps what lies under the finger', () => {
    const to = zoomed({ zoom: 1, x: 0, y: 0 }, 2, 100, 100, 0.5, 0.5)
    expect(to).toEqual({ zoom: 2, x: -0.5, y: -0.5 })
    expect(cut(to, 100, 100)).toMatchObject({ left: 50, top: 50 })
  })
})
