/** Icons on a 16 grid with a 1.5 stroke. The state glyphs differ in outline, so that they read without colour. */
const LINES = {
  fleet: 'M2.5 4h11M2.5 8h11M2.5 12h11',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5 14 14',
  theme: 'M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM8 2.5v11M8 5l4.5-.7M8 8h5.5M8 11l4.5.7',
  wide: 'M9.5 2.5h4v4M6.5 13.5h-4v-4M13.5 2.5 9.5 6.5M2.5 13.5l4-4',
  left: 'M10 3.5 5.5 8l4.5 4.5',
  in: 'M13.5 8H3M7 4 3 8l4 4',
  right: 'm6 3.5 4.5 4.5L6 12.5',
  link: 'M6.7 9.3a2.8 2.8 0 0 0 4 0l2-2a2.8 2.8 0 0 0-4-4l-.7.7M9.3 6.7a2.8 2.8 0 0 0-4 0l-2 2a2.8 2.8 0 0 0 4 4l.7-.7',
  out: 'M2.5 8H13M9 4l4 4-4 4',
  tag: 'M2.5 2.5h5l6 6-5 5-6-6zM5.4 5.5h.01',
  down: 'm3.5 6 4.5 4.5L12.5 6',
  x: 'm4 4 8 8M12 4l-8 8',
  check: 'm3 8.5 3.2 3.2L13 4.8',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  save: 'M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.5 13.5h11',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M5 3.2v9.6l7.5-4.8z',
  table: 'M2.5 3.5h11v9h-11zM2.5 6.5h11M6.5 6.5v6',
  tiles: 'M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z',
  info: 'M8 13.8A5.8 5.8 0 1 0 8 2.2a5.8 5.8 0 0 0 0 11.6zM8 7.4V11M8 5h.01',
  pulse: 'M1.5 8.5h3l2-5 3 9.5 2-4.5h3',
  retry: 'M13 8a5 5 0 1 1-1.6-3.7M13.2 2v3h-3',
  user: 'M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8zM2.8 13.8c.6-2.6 2.6-4 5.2-4s4.6 1.4 5.2 4',
  leave: 'M9.5 2.5h-6v11h6M6.5 8h7M11 5.5 13.5 8 11 10.5',
  sound: 'M2.5 6v4H5l3.5 3V3L5 6zM11 6a3 3 0 0 1 0 4M12.8 4.2a5.5 5.5 0 0 1 0 7.6',
  hook: 'M8 6.2a2.2 2.2 0 1 0-1.9 1.1L4 11M6.5 12h5a2.2 2.2 0 1 0-1.4-3.9L8.3 5',
  mail: 'M2 3.8h12v8.4H2zM2.3 4.2 8 8.8l5.7-4.6',
  bell: 'M4 11V7a4 4 0 0 1 8 0v4l1.2 1.5H2.8zM6.7 14.3h2.6',
  plug: 'M6 2v3M10 2v3M4 5h8v2.5a4 4 0 0 1-8 0zM8 11.5V14',
  cmd: 'M2.5 3.5h11v9h-11zM5 6.5 7 8 5 9.5M8.5 10h2.5',
  clock: 'M8 13.8A5.8 5.8 0 1 0 8 2.2a5.8 5.8 0 0 0 0 11.6zM8 4.8V8l2.2 1.6',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  edit: 'm2.8 13.2.7-3 7.4-7.4 2.3 2.3-7.4 7.4zM9.4 4.3l2.3 2.3',
  key: 'M5.5 13a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM7.5 8.2 13 2.7M10.8 4.9l1.8 1.8',
  lock: 'M4 7.5h8v6H4zM5.5 7.5V5.3a2.5 2.5 0 0 1 5 0v2.2',
  plus: 'M8 3v10M3 8h10',
  keys: 'M1.5 4h13v8h-13zM4 6.5h.01M6.7 6.5h.01M9.3 6.5h.01M12 6.5h.01M5 9.5h6',
} as const;

const disc = <circle cx="8" cy="8" r="5" />;
const GLYPHS = {
  online: <circle class="full" cx="8" cy="8" r="4.2" />,
  stale: (
    <>
      {disc}
      <path class="full" d="M8 3a5 5 0 0 0 0 10z" />
    </>
  ),
  offline: (
    <>
      {disc}
      <path d="m4.6 11.4 6.8-6.8" />
    </>
  ),
  asleep: <path d="M12.9 9.6A5.3 5.3 0 1 1 6.4 3.1a4.4 4.4 0 0 0 6.5 6.5z" />,
  never: <circle cx="8" cy="8" r="5" stroke-dasharray="2 2.2" />,
  warn: (
    <>
      <path d="M8 2.6 14 13H2z" />
      <path d="M8 6.6v2.6M8 11h.01" />
    </>
  ),
  alarm: (
    <>
      <path class="filled" d="M8 2.2 14.4 13.4H1.6z" />
      <path class="cut-out" d="M8 6.4v3M8 11.2h.01" />
    </>
  ),
  failed: (
    <>
      <circle class="filled" cx="8" cy="8" r="6.2" />
      <path class="cut-out" d="m5.7 5.7 4.6 4.6M10.3 5.7l-4.6 4.6" />
    </>
  ),
  unknown: (
    <>
      <circle cx="8" cy="8" r="6" stroke-dasharray="3 1.7" />
      <path d="M6.4 6.5A1.7 1.7 0 1 1 8 8.4v.6M8 11.1h.01" />
    </>
  ),
  contradicted: (
    <>
      <path class="filled" d="M8 1.6 14.4 8 8 14.4 1.6 8z" />
      <path class="cut-out" d="M5.4 6.9h5.2M5.4 9.3h5.2M9.6 5 6.4 11.2" />
    </>
  ),
  verified: (
    <>
      <circle class="filled" cx="8" cy="8" r="6.2" />
      <path class="cut-out" d="m4 8.3 1.9 1.9 3.6-4M8.2 9.9l.4.3 3.5-4" />
    </>
  ),
  ok: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="m5.2 8.3 2 2 3.6-4.2" />
    </>
  ),
  done: <circle class="filled" cx="8" cy="8" r="5.2" />,
  next: <circle cx="8" cy="8" r="5" stroke-dasharray="2 2.2" />,
  busy: (
    <>
      <circle cx="8" cy="8" r="5.4" stroke-dasharray="3 2" />
      <circle class="full" cx="8" cy="8" r="2" />
    </>
  ),
  expired: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M5.2 8h5.6" />
    </>
  ),
} as const;

export type IconName = keyof typeof LINES | keyof typeof GLYPHS;

/** One icon, for the eye only: its word stands beside it or in the control's name. */
export function Icon({ name, glyph = false }: { name: IconName; glyph?: boolean }) {
  return (
    <svg class={glyph ? 'i g' : 'i'} viewBox="0 0 16 16" aria-hidden="true">
      {name in GLYPHS ? GLYPHS[name as keyof typeof GLYPHS] : <path d={LINES[name as keyof typeof LINES]} />}
    </svg>
  );
}

/** The mark: field lines that meet in one point. */
export function Mark({ size }: { size: number }) {
  return (
    <svg class="mark" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <path d="M4.1 22V9C4.1 5.5 6 4.1 9 4.1h12M10.6 22v-7.5c0-2.8 1.3-4 4-4H18" />
      <circle cx="18.6" cy="18.6" r="2.8" />
    </svg>
  );
}
