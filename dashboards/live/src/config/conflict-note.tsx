import type { Field } from '../command/field.js';
import { Icon } from '../shell/icon.js';
import { config } from '../strings/config.js';
import { said } from './config-row.js';
import type { Draft, Foreign } from './draft.js';
import type { Config } from './settings.js';

const words = config.conflict;

interface ConflictNoteProps {
  readonly current: Config;
  readonly foreign: readonly Foreign[];
  readonly draft: Draft;
  readonly fieldOf: (key: string) => Field | undefined;
  readonly onKeep: () => void;
  readonly onTake: () => void;
}

/** What somebody else set while this was being edited, and the two ways on. */
export function ConflictNote({ current, foreign, draft, fieldOf, onKeep, onTake }: ConflictNoteProps) {
  const typed = (key: string): string =>
    draft.edits[key] ?? draft.added.find((row) => row.name === key)?.text ?? '';
  return (
    <div class="note flat is-warn">
      <Icon name="warn" />
      <div>
        <b>{words.head(current.version, current.by)}</b>
        <p>{words.body}</p>
        <ul class="plain">
          {foreign.map(({ key, now, both }) => (
            <li key={key}>
              {words.theirs(fieldOf(key)?.title ?? key, said(fieldOf(key), now))}
              {both && <span class="sub">; {words.yours(typed(key) || config.ask.none)}</span>}
            </li>
          ))}
        </ul>
        {!foreign.some(({ both }) => both) && <p>{words.same}</p>}
        <div class="row wrap">
          <button type="button" class="btn tiny" onClick={onKeep}>
            {words.keep}
          </button>
          <button type="button" class="btn tiny" onClick={onTake}>
            {words.take}
          </button>
        </div>
      </div>
    </div>
  );
}
