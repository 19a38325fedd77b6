import { elementScroll, type Virtualizer, type VirtualizerOptions } from '@tanstack/vue-virtual'

// A virtualizer's own ways ask a box how large it is and send it to its beginning as soon as it is there. Both make a browser
// lay out the whole page before anything of it is painted.

/** boxSize tells a virtualizer how large its box is once it is laid out. */
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

/** boxScroll scrolls a virtualizer's box, but not one that was never scrolled to its beginning. */
export const boxScroll: VirtualizerOptions<HTMLDivElement, Element>['scrollToFn'] = (offset, how, instance) => {
  if (offset + (how.adjustments ?? 0) !== 0 || instance.scrollOffset) elementScroll(offset, how, instance)
}
