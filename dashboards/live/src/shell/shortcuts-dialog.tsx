import { useEffect, useRef } from 'preact/hooks';
import { shell, shortcuts, words } from '../strings.js';

/** What `?` shows. The browser's own dialog keeps the focus inside and closes on Escape. */
export function ShortcutsDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open && dialog.current && !dialog.current.open) dialog.current.showModal();
  }, [open]);
  if (!open) return null;
  return (
    <dialog ref={dialog} class="wide-dialog" aria-labelledby="keys-head" onClose={onClose}>
      <header>
        <h2 id="keys-head">{shell.shortcuts}</h2>
      </header>
      <div class="pad">
        <div class="keys">
          {shortcuts.map(([group, list]) => (
            <div key={group}>
              <h3>{group}</h3>
              <dl>
                {list.map(([action, keys]) => (
                  <Shortcut key={action} action={action} keys={keys} />
                ))}
              </dl>
            </div>
          ))}
        </div>
      </div>
      <footer>
        <form method="dialog">
          <button type="submit" class="btn">
            {words.close}
          </button>
        </form>
      </footer>
    </dialog>
  );
}

function Shortcut({ action, keys }: { action: string; keys: string }) {
  return (
    <>
      <dt>{action}</dt>
      <dd>{keys.split(' ').map((key) => (key === '–' ? ' – ' : <kbd key={key}>{key}</kbd>))}</dd>
    </>
  );
}
