import type { SessionView } from '@fieldline/protocol/browser';
import { useState } from 'preact/hooks';
import { ownPassword } from '../strings/password.js';
import { shell as words } from '../strings.js';
import { Icon } from './icon.js';
import { lazyDialog } from './lazy-page.js';
import { Menu, type MenuItem } from './menu.js';
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

/** Who is logged in, and the way out. */
export function AccountMenu({ who, onShortcuts }: AccountMenuProps) {
  const [isChanging, setChanging] = useState(false);
  const leave = () => void logOut().catch(() => toast(words.loggedOutFailed, 'failed'));
  const items: readonly MenuItem[] = [
    { name: words.shortcuts, icon: 'keys', keys: '?', wideOnly: true, run: onShortcuts },
    { name: words.logIns, icon: 'user', run: () => go(systemHref('tab=log-ins')) },
    ...(who.user ? [{ name: ownPassword.open, icon: 'lock' as const, run: () => setChanging(true) }] : []),
    { name: words.logOut, icon: 'leave', run: leave },
  ];
  return (
    <>
      <Menu label={words.account(who.name)} items={items} button="btn bare who">
        <Icon name="user" />
        <span class="vh">{words.accountOf}</span> <span class="wide-word">{who.name}</span>{' '}
        <span class="sub wide-word">{who.role}</span>
      </Menu>
      {isChanging && <PasswordDialog me={who.name} onClose={() => setChanging(false)} />}
    </>
  );
}
