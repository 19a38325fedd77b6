/** What a browser said of itself, as people know it. */
export interface Device {
  /** The browser's name; '' for one that is not known. */
  browser: string
  /** The system's name; '' likewise. */
  system: string
  kind: 'desktop' | 'mobile' | 'tablet' | 'other'
}

// The first that matches counts: browsers also name those that they want to be taken for.
const browsers: [RegExp, string][] = [
  [/wxwork/i, '企业微信'],
  [/MicroMessenger/i, '微信'],
  [/Edg(e|A|iOS)?\//, 'Edge'],
  [/QQBrowser/, 'QQ 浏览器'],
  [/(360SE|360EE|QihooBrowser)/, '360 浏览器'],
  [/OPR\//, 'Opera'],
  [/Firefox|FxiOS/, 'Firefox'],
  [/Chrome|CriOS/, 'Chrome'],
  [/Safari/, 'Safari'],
]
const systems: [RegExp, string, Device['kind']][] = [
  [/HarmonyOS|OpenHarmony/i, 'HarmonyOS', 'mobile'],
  [/iPad/, 'iPad', 'tablet'],
  [/iPhone|iPod/, 'iPhone', 'mobile'],
  [/Android/, 'Android', 'mobile'],
  [/Windows/, 'Windows', 'desktop'],
  [/Macintosh|Mac OS/, 'macOS', 'desktop'],
  [/CrOS/, 'ChromeOS', 'desktop'],
  [/Linux|X11/, 'Linux', 'desktop'],
]

/** deviceOf reads a user agent. */
export function deviceOf(agent: string): Device {
  const browser = browsers.find(([form]) => form.test(agent))?.[1] ?? ''
  const system = systems.find(([form]) => form.test(agent))
  const kind = system?.[1] === 'Android' && !/Mobile/.test(agent) ? 'tablet' : (system?.[2] ?? 'other')
  return { browser, system: system?.[1] ?? '', kind }
}
