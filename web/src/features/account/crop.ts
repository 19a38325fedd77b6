/** View is where a picture lies under the square through which it is seen; lengths are parts of the square's side. */
export interface View {
  /** How much larger than needed to fill the square, from 1. */
  zoom: number
  /** The picture's middle, seen from the square's middle. */
  x: number
  y: number
}

export const maxZoom = 5
/** side is how large a picture may be, in pixels, as the native feature has it. */
export const side = 750

const between = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value))

/** size is the picture's width and height at a zoom. */
function size(width: number, height: number, zoom: number) {
  const scale = zoom / Math.min(width, height)
  return { width: width * scale, height: height * scale }
}

/** held keeps the square filled. */
export function held(view: View, width: number, height: number): View {
  const zoom = between(view.zoom, 1, maxZoom)
  const shown = size(width, height, zoom)
  const x = (shown.width - 1) / 2
  const y = (shown.height - 1) / 2
  return { zoom, x: between(view.x, -x, x), y: between(view.y, -y, y) }
}

/** zoomed zooms so that what lies under a point stays there. */
export function zoomed(view: View, zoom: number, width: number, height: number, atX = 0, atY = 0): View {
  const to = between(zoom, 1, maxZoom)
  const by = to / view.zoom
  return held({ zoom: to, x: atX - (atX - view.x) * by, y: atY - (atY - view.y) * by }, width, height)
}

/** cut is the part of the picture that is seen, in its pixels, and how large to draw it: never larger than it is. */
export function cut(view: View, width: number, height: number) {
  const { zoom, x, y } = held(view, width, height)
  const length = Math.min(width, height) / zoom
  const left = width / 2 - (x + 0.5) * length
  const top = height / 2 - (y + 0.5) * length
  return { left: between(left, 0, width - length), top: between(top, 0, height - length), length, side: Math.max(1, Math.min(side, Math.round(length))) }
}
