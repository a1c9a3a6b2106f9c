import { shell as words } from '../strings.js';
import { Icon } from './icon.js';

/** The way to the palette for whoever does not know its keys. */
export function FindButton({ onFind }: { onFind: () => void }) {
  return (
    <button type="button" class="find" aria-keyshortcuts="Control+K" onClick={onFind}>
      <Icon name="search" />
      <span class="wide-word">{words.find}</span>
      <kbd>{words.findKeys}</kbd>
    </button>
  );
}
