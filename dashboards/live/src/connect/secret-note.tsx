import { Icon } from '../shell/icon.js';
import { CopyText } from './copy-text.js';

/** A secret that has just been made, shown this once, to be copied. */
export function SecretNote(props: { says: string; secret: string; label: string; short: string }) {
  const { says, secret, label, short } = props;
  return (
    <div class="note is-ok whole" role="status">
      <Icon name="check" />
      <div class="stack tight">
        <p>{says}</p>
        <div class="secret">
          <Icon name="key" />
          <span class="mono">{secret}</span>
          <CopyText text={secret} label={label} short={short} />
        </div>
      </div>
    </div>
  );
}
