import type { SessionView } from '@fieldline/protocol/browser';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ownPassword } from '../strings/password.js';
import { shell as words } from '../strings.js';
import { Icon } from './icon.js';
import { lazyDialog } from './lazy-page.js';
import { go } from './navigation.js';
import { systemHref } from './route.js';
import { logOut } from './session.js';
import { toast } from './toast.js';

const PasswordDialog = lazyDialog(() =>
  import('../people/password-dialog.js').then((part) => part.PasswordDialog),
);

interface AccountMenuProps {
  readonly who: SessionView;
  readonly onShortcuts: () => void;
}

/** Who is logged in, and the way out. A menu button after the ARIA practices: arrows move, Escape closes. */
export function AccountMenu({ who, onShortcuts }: AccountMenuProps) {
  const [open, setOpen] = useState(false);
  const [isChanging, setChanging] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    root.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
    const outside = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    addEventListener('pointerdown', outside);
    return () => removeEventListener('pointerdown', outside);
  }, [open]);

  const choose = (work: () => void) => () => {
    setOpen(false);
    work();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      setOpen(false);
      root.current?.querySelector<HTMLElement>('[aria-haspopup]')?.focus();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!open || step === undefined) return;
    event.preventDefault();
    const items = [...(root.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
    const at = items.findIndex((item) => item.matches(':focus'));
    items[(at + step + items.length) % items.length]?.focus();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only watches the keys of the menu inside it
    <div class="account" ref={root} onKeyDown={onKey}>
      <button
        type="button"
        class="btn bare who"
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="user" />
        <span class="vh">{words.accountOf}</span> <span class="wide-word">{who.name}</span>{' '}
        <span class="sub wide-word">{who.role}</span>
      </button>
      {open && (
        <div class="menu" role="menu" aria-label={words.account(who.name)}>
          <button type="button" role="menuitem" class="wide-only" onClick={choose(onShortcuts)}>
            <Icon name="keys" />
            {words.shortcuts}
            <span class="grow" />
            <kbd>?</kbd>
          </button>
          <button type="button" role="menuitem" onClick={choose(() => go(systemHref('tab=log-ins')))}>
            <Icon name="user" />
            {words.logIns}
          </button>
          {who.user && (
            <button type="button" role="menuitem" onClick={choose(() => setChanging(true))}>
              <Icon name="lock" />
              {ownPassword.open}
            </button>
          )}
          <button
            type="button"
            role="menuitem"
            onClick={choose(() => void logOut().catch(() => toast(words.loggedOutFailed, 'failed')))}
          >
            <Icon name="leave" />
            {words.logOut}
          </button>
        </div>
      )}
      {isChanging && <PasswordDialog me={who.name} onClose={() => setChanging(false)} />}
    </div>
  );
}
