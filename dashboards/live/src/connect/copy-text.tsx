import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../shell/icon.js';
import { words } from '../strings.js';

const SAID_MS = 1_400;

interface CopyTextProps {
  readonly text: string;
  readonly label: string;
  readonly short: string;
  readonly onCopied?: (() => void) | undefined;
}

/** Copies a text that stands elsewhere, and says so. */
export function CopyText({ text, label, short, onCopied }: CopyTextProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const run = async () => {
    const done = await copy(text).catch(() => false);
    setCopied(done);
    if (done) onCopied?.();
  };
  return (
    <button type="button" class="btn tiny" aria-label={label} onClick={() => void run()}>
      <Icon name={copied ? 'check' : 'copy'} />
      <span aria-live="polite">{copied ? words.copied : short}</span>
    </button>
  );
}

/**
 * Puts a text into the clipboard. Boards are connected where the hub goes by its address, without TLS: there a browser
 * has no `navigator.clipboard`, and only what is selected can be copied.
 */
async function copy(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return true;
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'vh';
  const before = document.activeElement;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return done;
}
