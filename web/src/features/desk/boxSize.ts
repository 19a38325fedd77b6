import type { Virtualizer } from '@tanstack/vue-virtual'

/**
 * boxSize tells a virtualizer how large its box is once it is laid out. Its own way asks at once, which makes a browser
 * lay out the whole page before anything of it is painted.
 */
export function boxSize(instance: Virtualizer<HTMLDivElement, Element>, tell: (rect: { width: number; height: number }) => void) {
  const box = instance.scrollElement
  if (!box) return undefined
  const observer = new ResizeObserver(([entry]) => {
    const size = entry?.borderBoxSize[0]
    if (size) tell({ width: Math.round(size.inlineSize), height: Math.round(size.blockSize) })
  })
  observer.observe(box)
  return () => observer.disconnect()
}
