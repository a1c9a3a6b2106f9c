import { computed, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
const THEMES: readonly Theme[] = ['system', 'light', 'dark'];
const KEY = 'fieldline.theme';

const dark = matchMedia('(prefers-color-scheme: dark)');
const systemDark = signal(dark.matches);
dark.addEventListener('change', () => {
  systemDark.value = dark.matches;
});

/** What the viewer chose; kept in this browser. */
export const theme = signal<Theme>(stored());

/** What is on screen: canvases repaint when it changes. */
export const shade = computed(() => {
  if (theme.value !== 'system') return theme.value;
  return systemDark.value ? 'dark' : 'light';
});

/** Sets the chosen theme on the document; called once before the first paint, then on each choice. */
export function applyTheme(): void {
  if (theme.value === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
}

/** System, then light, then dark. */
export function nextTheme(): Theme {
  const next = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? 'system';
  // The document first: whoever hears the signal reads colours from it.
  if (next === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  theme.value = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // A private window keeps nothing: the choice lasts as long as the page.
  }
  return next;
}

function stored(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return THEMES.find((known) => known === kept) ?? 'system';
  } catch {
    return 'system';
  }
}
