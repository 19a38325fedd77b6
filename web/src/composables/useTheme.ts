import { inject, provide, watchEffect, type InjectionKey, type Ref } from 'vue'
import { useMedia } from './useMedia'
import { useStored } from './useStored'

export const themes = ['auto', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const themeKey: InjectionKey<Ref<Theme>> = Symbol('theme')

/** provideTheme follows the system unless the reader chose light or dark. */
export function provideTheme() {
  const theme = useStored<Theme>('deskmate.theme', 'auto', (v): v is Theme => themes.includes(v as Theme))
  const dark = useMedia('(prefers-color-scheme: dark)')
  watchEffect(() => {
    const root = document.documentElement
    root.dataset.theme = theme.value
    // TDesign knows no "auto".
    root.setAttribute('theme-mode', theme.value === 'dark' || (theme.value === 'auto' && dark.value) ? 'dark' : 'light')
  })
  provide(themeKey, theme)
}

export function useTheme(): Ref<Theme> {
  const theme = inject(themeKey)
  if (!theme) throw new Error('there is no theme above this component')
  return theme
}
