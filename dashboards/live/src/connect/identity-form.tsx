import type { DeviceView, RegisteredDevice } from '@fieldline/protocol/browser';
import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../api/client.js';
import * as hub from '../api/connect.js';
import { Icon } from '../shell/icon.js';
import { connect as words } from '../strings/connect.js';
import { beginningOf, idFault, readTags, suggestId } from './new-id.js';

/** An id is looked up when nothing was typed for so long. */
const LOOK_UP_MS = 250;

interface IdentityFormProps {
  readonly profile: string | null;
  readonly onMade: (made: RegisteredDevice) => void;
  /** The id is one of a device that is to be connected instead. */
  readonly onUse: (device: DeviceView) => void;
}

/** Id, name and tags of a new device. The id is suggested, and looked up as it is typed. */
export function IdentityForm({ profile, onMade, onUse }: IdentityFormProps) {
  const [typed, setTyped] = useState<string>();
  const suggested = useSuggestion(profile);
  const id = typed ?? suggested;
  const taken = useTaken(id);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  const fault = idFault(id);
  const isBad = (fault !== null && typed !== undefined) || Boolean(taken);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (busy || !(form instanceof HTMLFormElement)) return;
    const data = new FormData(form);
    const name = String(data.get('name') ?? '').trim();
    const tags = readTags(String(data.get('tags') ?? ''));
    if (fault !== null) return setTyped(id);
    if (tags === null) return setTrouble(words.tagsBad);
    setBusy(true);
    setTrouble('');
    try {
      onMade(
        await hub.addDevice({
          id,
          ...(profile !== null && { profile }),
          ...(name !== '' && { name }),
          ...(Object.keys(tags).length > 0 && { tags }),
        }),
      );
    } catch (error) {
      setTrouble(error instanceof ApiError ? words.trouble(error.code, error.message) : String(error));
      setBusy(false);
    }
  };

  return (
    <form class="pad stack" onSubmit={submit}>
      <div class="cols-2">
        <div class="field">
          <label for="new-id">{words.id}</label>
          <input
            id="new-id"
            class="in mono"
            name="id"
            value={id}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            aria-invalid={isBad}
            aria-describedby="id-says"
            // A suggestion that comes now would stand before what is about to be typed.
            onFocus={() => setTyped(id)}
            onInput={(event) => setTyped(event.currentTarget.value.trim())}
          />
          <span id="id-says" class={isBad ? 'err' : 'sub'} role="status">
            {isBad && <Icon name="failed" glyph />}
            {taken ? words.idTaken : fault && typed !== undefined ? words.idFaults[fault] : words.idRule}
            {taken === null && !fault && ` ${words.idFree}`}
          </span>
          {taken && (
            <button type="button" class="btn tiny start" onClick={() => onUse(taken)}>
              {words.useIt}
            </button>
          )}
        </div>
        <label class="field">
          <span>
            {words.name} <span class="sub">{words.optional}</span>
          </span>
          <input class="in" name="name" maxLength={128} autocomplete="off" />
        </label>
      </div>
      <div class="field">
        <label for="new-tags">
          {words.tags} <span class="sub">{words.optional}</span>
        </label>
        <input class="in" id="new-tags" name="tags" autocomplete="off" aria-describedby="tags-say" />
        <span class="sub" id="tags-say">
          {words.tagsRule}
        </span>
      </div>
      <div class="row wrap">
        <button type="submit" class="btn main" aria-busy={busy} disabled={Boolean(taken)}>
          {busy ? words.registering : words.register}
        </button>
        <span class="err" role="alert">
          {trouble}
        </span>
      </div>
    </form>
  );
}

function useSuggestion(profile: string | null): string {
  const beginning = beginningOf(profile);
  const [suggested, setSuggested] = useState('');
  useEffect(() => {
    let isOver = false;
    hub.idsLike(beginning).then(
      (taken) => !isOver && setSuggested(suggestId(beginning, taken)),
      () => !isOver && setSuggested(`${beginning}1`),
    );
    return () => {
      isOver = true;
    };
  }, [beginning]);
  return suggested;
}

/** The device that has this id already; null when it is free, undefined while nobody knows. */
function useTaken(id: string): DeviceView | null | undefined {
  const [answer, setAnswer] = useState<{ id: string; device: DeviceView | null }>();
  useEffect(() => {
    if (idFault(id) !== null) return;
    const asking = new AbortController();
    const timer = setTimeout(() => {
      hub.deviceOrNull(id, asking.signal).then(
        (device) => setAnswer({ id, device }),
        () => {}, // the registration itself will tell
      );
    }, LOOK_UP_MS);
    return () => {
      clearTimeout(timer);
      asking.abort();
    };
  }, [id]);
  return answer?.id === id ? answer.device : undefined;
}
