import { signal } from '@preact/signals';
import { Icon, type IconName } from './icon.js';

const SHOWN_MS = 6_000;
const MOST = 3;

interface Toast {
  readonly key: number;
  readonly text: string;
  readonly icon: IconName;
}

const toasts = signal<readonly Toast[]>([]);
let nextKey = 1;

/** Says something that needs no action, for 6 s; what has the same icon it replaces. Trouble that needs one is a notice where it happened. */
export function toast(text: string, icon: IconName = 'info'): void {
  const key = nextKey++;
  const others = toasts.value.filter((shown) => shown.icon !== icon);
  toasts.value = [...others.slice(1 - MOST), { key, text, icon }];
  setTimeout(() => {
    toasts.value = toasts.value.filter((shown) => shown.key !== key);
  }, SHOWN_MS);
}

export function Toasts() {
  return (
    <div class="toasts" role="status">
      {toasts.value.map(({ key, text, icon }) => (
        <div key={key} class="note is-info">
          <Icon name={icon} />
          <div>{text}</div>
        </div>
      ))}
    </div>
  );
}
