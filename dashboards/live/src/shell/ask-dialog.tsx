import type { ComponentChildren } from 'preact';
import { useModal } from './modal.js';

interface AskDialogProps {
  readonly head: string;
  readonly children: ComponentChildren;
  readonly cancel: string;
  /** What the main button says: the verb. */
  readonly go: string;
  /** It cannot be undone by doing something else: the focus starts at the way back. */
  readonly danger?: boolean;
  readonly busy: boolean;
  readonly onGo: () => void;
  /** It was closed, by whatever means. Nothing has happened. */
  readonly onClose: () => void;
}

/** Asks once before anything leaves the hub. */
export function AskDialog({
  head,
  children,
  cancel,
  go,
  danger = false,
  busy,
  onGo,
  onClose,
}: AskDialogProps) {
  const dialog = useModal((element) => {
    const [back, forth] = element.querySelectorAll<HTMLElement>('footer .btn');
    return danger ? back : forth;
  });
  return (
    <dialog ref={dialog} aria-labelledby="ask-head" onClose={onClose}>
      <header>
        <h2 id="ask-head">{head}</h2>
      </header>
      <div class="pad">{children}</div>
      <footer>
        <button type="button" class="btn" onClick={() => dialog.current?.close()}>
          {cancel}
        </button>
        <button
          type="button"
          class={`btn ${danger ? 'danger' : 'main'}`}
          aria-busy={busy}
          onClick={() => !busy && onGo()}
        >
          {go}
        </button>
      </footer>
    </dialog>
  );
}
