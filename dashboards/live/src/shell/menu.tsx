import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from './icon.js';

/** What a menu offers. */
export interface MenuItem {
  readonly name: string;
  readonly icon: IconName;
  /** The key that does the same, as it is shown. */
  readonly keys?: string;
  /** There are no keys on a phone: then this is not there either. */
  readonly wideOnly?: boolean;
  readonly run: () => void;
}

interface MenuProps {
  /** Of the menu. */
  readonly label: string;
  readonly items: readonly MenuItem[];
  /** Looks of the button, and its name where `children` have no words. */
  readonly button: string;
  readonly name?: string;
  /** What stands on the button. */
  readonly children: ComponentChildren;
}

/** A menu button after the ARIA practices: arrows move, Escape closes and gives the focus back. */
export function Menu({ label, items, button, name, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    itemsOf(root.current)[0]?.focus();
    const outside = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    addEventListener('pointerdown', outside);
    return () => removeEventListener('pointerdown', outside);
  }, [open]);

  const close = () => {
    setOpen(false);
    root.current?.querySelector<HTMLElement>('[aria-haspopup]')?.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    if (!open) return;
    if (event.key === 'Escape') return close();
    if (event.key === 'Tab') return setOpen(false);
    const found = itemsOf(root.current);
    const at = found.findIndex((item) => item.matches(':focus'));
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    found[(next + found.length) % found.length]?.focus();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only watches the keys of the menu inside it
    <div class="has-menu" ref={root} onKeyDown={onKey}>
      <button
        type="button"
        class={button}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={name}
        title={name}
        onClick={() => setOpen(!open)}
      >
        {children}
      </button>
      {open && (
        <div class="menu" role="menu" aria-label={label}>
          {items.map((item) => (
            <button
              key={item.name}
              type="button"
              role="menuitem"
              tabIndex={-1}
              class={item.wideOnly ? 'wide-only' : undefined}
              onClick={() => {
                // A dialog that opens now gives the focus back to the button, and not to what is gone.
                close();
                item.run();
              }}
            >
              <Icon name={item.icon} />
              {item.name}
              {item.keys !== undefined && (
                <>
                  <span class="grow" />
                  <kbd>{item.keys}</kbd>
                </>
              )}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** The items that are there at this width: one that is not shown cannot be focused. */
function itemsOf(root: HTMLElement | null): HTMLElement[] {
  const all = root?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [];
  return [...all].filter((item) => item.getClientRects().length > 0);
}
