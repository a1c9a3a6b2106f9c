import { useEffect, useState } from 'preact/hooks';
import { words } from '../strings.js';
import { Icon } from './icon.js';

const SAID_MS = 1_400;

/** Copies a text and says so in its place. Without a clipboard (plain HTTP off loopback) the text is selectable. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  if (!navigator.clipboard) return <span class="mono copy">{text}</span>;
  return (
    <button
      type="button"
      class="btn bare tiny mono copy"
      aria-label={label}
      onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
    >
      <span>{copied ? words.copied : text}</span>
      <Icon name={copied ? 'check' : 'copy'} />
    </button>
  );
}
