/** Words of the palette: what can be found, and what is said when nothing is. */
export const palette = {
  name: 'Find a device or command',
  find: 'Find',
  hint: 'Find a device, page or command',
  results: 'Results',
  groups: {
    go: 'Go to',
    devices: 'Devices',
    device: 'On this device',
    page: 'On this page',
  },
  theme: 'Theme: system, light, dark',
  shortcuts: 'Shortcuts',
  asCommand: (title: string) => `${title}…`,
  nothing: (asked: string) =>
    `Nothing is called “${asked}”. Names, ids, tags, pages and commands are searched.`,
} as const;
