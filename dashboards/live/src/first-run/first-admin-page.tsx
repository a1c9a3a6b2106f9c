import { isUserName } from '@fieldline/protocol/browser';
import { useEffect, useState } from 'preact/hooks';
import { ApiError, api } from '../api/client.js';
import { Icon, Mark } from '../shell/icon.js';
import { go } from '../shell/navigation.js';
import { connectHref } from '../shell/route.js';
import { askSession } from '../shell/session.js';
import { toast } from '../shell/toast.js';
import { firstRun as words } from '../strings/first-run.js';
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
        <div class="field">
          <label for="first-username">{words.name}</label>
          <input
            id="first-username"
            class="in"
            name="username"
            autocomplete="username"
            autocapitalize="off"
            spellcheck={false}
            required
            value={name}
            aria-invalid={badName}
            aria-describedby="first-name"
            onInput={(event) => setName(event.currentTarget.value.trim())}
          />
          <span id="first-name" class={badName ? 'err' : 'sub'}>
            {badName && words.nameRule}
          </span>
        </div>
        <div class="field">
          <label for="first-password">{words.password}</label>
          <input
            id="first-password"
            class="in"
            name="password"
            type="password"
            autocomplete="new-password"
            required
            value={password}
            aria-describedby="first-strength"
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
          <span id="first-strength" class="sub strength" aria-live="polite">
            <span class={strength === 'weak' ? 'is-warn' : strength === 'short' ? 'is-failed' : ''}>
              <Icon name={GLYPHS[strength]} glyph />
            </span>
            <span>{strength === 'short' ? words.strength.short(missing) : words.strength[strength]}</span>
          </span>
        </div>
        <div class="field">
          <label for="first-again">{words.again}</label>
          <input
            id="first-again"
            class="in"
            name="again"
            type="password"
            autocomplete="new-password"
            required
            value={again}
            aria-invalid={differs}
            aria-describedby="first-trouble"
            onInput={(event) => setAgain(event.currentTarget.value)}
          />
        </div>
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
