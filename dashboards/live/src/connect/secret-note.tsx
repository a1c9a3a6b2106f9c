import { Icon } from '../shell/icon.js';
import { CopyText } from './copy-text.js';

interface SecretNoteProps {
  readonly says: string;
  readonly secret: string;
  readonly label: string;
  readonly short: string;
  /** By the button, or by hand. */
  readonly onCopied?: () => void;
}

/** A secret that has just been made, shown this once, to be copied. */
export function SecretNote({ says, secret, label, short, onCopied }: SecretNoteProps) {
  return (
    <div class="note is-ok whole" role="status">
      <Icon name="check" />
      <div class="stack tight">
        <p>{says}</p>
        <div class="secret">
          <Icon name="key" />
          <span class="mono" onCopy={onCopied}>
            {secret}
          </span>
          <CopyText text={secret} label={label} short={short} onCopied={onCopied} />
        </div>
      </div>
    </div>
  );
}
