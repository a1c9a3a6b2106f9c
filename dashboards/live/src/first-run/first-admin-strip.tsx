import { Icon } from '../shell/icon.js';
import { firstRun as words } from '../strings/first-run.js';
import { adminMissing, firstRun, putOff } from './first-run.js';

/** On a hub without users: how to become the first, for whoever put it off, or reloaded the form. */
export function FirstAdminStrip() {
  if (!adminMissing.value) return null;
  return (
    <div class="note strip">
      <Icon name="info" />
      <div>
        <b>{words.missingHead}</b>
      </div>
      <button type="button" class="btn tiny" onClick={() => (firstRun.value = true)}>
        {words.offer}
      </button>
      <button type="button" class="btn tiny bare sq" aria-label={words.dismiss} onClick={putOff}>
        <Icon name="x" />
      </button>
    </div>
  );
}
