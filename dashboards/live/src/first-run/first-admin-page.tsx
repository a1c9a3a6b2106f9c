import { isUserName } from '@fieldline/protocol/browser';
import { useEffect, useState } from 'preact/hooks';
import { ApiError, api } from '../api/client.js';
import { Icon, Mark } from '../shell/icon.js';
import { go } from '../shell/navigation.js';
import { connectHref } from '../shell/route.js';
import { askSession } from '../shell/session.js';
import { toast } from '../shell/toast.js';
import { firstRun as words } from '../strings/first-run.js';
import { Entry } from './entry.js';
import { adminMissing, firstRun, makeFirstAdmin, putOff } from './first-run.js';
import { type Strength, strengthOf } from './strength.js';

const GLYPHS: Readonly<Record<Strength, 'next' | 'failed' | 'warn' | 'ok' | 'verified'>> = {
  none: 'next',
  short: 'failed',
  weak: 'warn',
  fair: 'ok',
  good: 'ok',
  strong: 'verified',
};

/** On a hub without users: whoever came by its link becomes the first admin. */
export function FirstAdminPage() {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  useEffect(() => {
    document.title = `${words.title} · Fieldline`;
  }, []);
  const { strength, missing } = strengthOf(password, name);
  const differs = again !== '' && again !== password;
  const badName = name !== '' && !isUserName(name);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy || missing > 0 || badName) return;
    if (again !== password) return setTrouble(words.differs);
    setBusy(true);
    setTrouble('');
    try {
      await makeFirstAdmin(name, password);
      await leave();
      toast(words.made, 'check');
    } catch (error) {
      setTrouble(error instanceof ApiError ? words.trouble(error.code, error.message) : String(error));
      setBusy(false);
    }
  };

  return (
    <main class="doorway">
      <form class="panel door" onSubmit={submit}>
        <Mark size={32} />
        <h1>{words.title}</h1>
        <p class="sub">{words.body}</p>
        <Entry
          name="username"
          label={words.name}
          autocomplete="username"
          autocapitalize="off"
          spellcheck={false}
          value={name}
          invalid={badName}
          described="first-name"
          onValue={(typed) => setName(typed.trim())}
        >
          <span id="first-name" class={badName ? 'err' : 'sub'}>
            {badName && words.nameRule}
          </span>
        </Entry>
        <Entry
          name="password"
          label={words.password}
          type="password"
          autocomplete="new-password"
          value={password}
          described="first-strength"
          onValue={setPassword}
        >
          <span id="first-strength" class="sub strength" aria-live="polite">
            <span class={strength === 'weak' ? 'is-warn' : strength === 'short' ? 'is-failed' : ''}>
              <Icon name={GLYPHS[strength]} glyph />
            </span>
            <span>{strength === 'short' ? words.strength.short(missing) : words.strength[strength]}</span>
          </span>
        </Entry>
        <Entry
          name="again"
          label={words.again}
          type="password"
          autocomplete="new-password"
          value={again}
          invalid={differs}
          described="first-trouble"
          onValue={setAgain}
        />
        <span class="err" id="first-trouble" role="alert">
          {(trouble || differs) && <Icon name="failed" glyph />}
          {trouble || (differs && words.differs)}
        </span>
        <button type="submit" class="btn main" aria-busy={busy}>
          {busy ? words.busy : words.go}
        </button>
        <button type="button" class="btn bare" onClick={putOff}>
          {words.later}
        </button>
        <p class="sub small">{words.laterSays}</p>
      </form>
    </main>
  );
}

/** A hub without devices goes on with the first one. */
async function leave(): Promise<void> {
  await askSession();
  const { items } = await api.devices().page(undefined, { limit: 1 });
  if (items.length === 0) go(connectHref());
  adminMissing.value = false;
  firstRun.value = false;
}
