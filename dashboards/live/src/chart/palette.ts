import { computed } from '@preact/signals';
import { shade } from '../shell/theme.js';

const NAMES = [
  'surface',
  'sunken',
  'line',
  'line-2',
  'edge',
  'ink',
  'ink-2',
  'ink-3',
  's1',
  's2',
  's3',
  's4',
  's5',
  's6',
  'warn',
  'alarm',
  'hatch-ink',
] as const;

export type Ink = (typeof NAMES)[number];
export type Palette = Readonly<Record<Ink, string>>;

/** The tokens as colours that a canvas takes, read anew when the theme changes. */
export const palette = computed((): Palette => {
  void shade.value;
  // A canvas knows no light-dark(): an element's computed colour does.
  const probe = document.body.appendChild(document.createElement('i'));
  probe.hidden = true;
  const read = (name: Ink): [Ink, string] => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  };
  const colours = Object.fromEntries(NAMES.map(read)) as Record<Ink, string>;
  probe.remove();
  return colours;
});

/** The font of figures and words on a canvas, in CSS pixels. */
export function canvasFont(px: number, weight = 400): string {
  return `${weight} ${px}px ${getComputedStyle(document.body).fontFamily}`;
}
