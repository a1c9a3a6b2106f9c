import type { IssuedApiToken, Role } from '@fieldline/protocol/browser';
import { useCallback, useState } from 'preact/hooks';
import { hubClock } from '../api/client.js';
import * as hub from '../api/hub.js';
import { PagedPanel } from '../device/paged-panel.js';
import { usePaged } from '../device/use-paged.js';
import { age } from '../format/age.js';
import { day, stamp } from '../format/time.js';
import { pulse } from '../live/pulse.js';
import { CopyButton } from '../shell/copy-button.js';
import { Icon } from '../shell/icon.js';
import { people as words } from '../strings/people.js';
import { RemoveButton } from './remove-button.js';
import { troubleOf } from './trouble.js';
import { RoleField } from './users-panel.js';

const DAY_MS = 86_400_000;
/** How long a token may last, ms; 0 for ever. */
const TERMS: Readonly<Record<keyof typeof words.terms, number>> = {
  never: 0,
  week: 7 * DAY_MS,
  month: 30 * DAY_MS,
  year: 365 * DAY_MS,
};

/** What programs authenticate with. */
export function TokensPanel() {
  const list = usePaged(useCallback((cursor?: string) => hub.tokens(cursor), []));
  const now = pulse.peek();
  return (
    <PagedPanel
      title={words.tokens}
      says={words.tokensSay}
      list={list}
      empty={list.items.length === 0}
      whenEmpty={null}
      foot={<NewTokenForm onMade={list.again} />}
    >
      <div class="scroll">
        <table class="tb fold">
          <thead>
            <tr>
              <th scope="col">{words.columns.name}</th>
              <th scope="col">{words.columns.role}</th>
              <th scope="col">{words.columns.made}</th>
              <th scope="col">{words.columns.used}</th>
              <th scope="col">{words.columns.expires}</th>
              <th scope="col">
                <span class="vh">{words.columns.act}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {list.items.map(({ id, name, role, createdAt, lastUsedAt, expiresAt }) => (
              <tr key={id}>
                <td class="wrap-any">{name ?? id}</td>
                <td>{role}</td>
                <td class="sub" data-head={words.columns.made}>
                  {day(createdAt)}
                </td>
                <td class="sub" data-head={words.columns.used}>
                  {lastUsedAt === null ? words.never : words.ago(age(Math.max(1000, now - lastUsedAt)))}
                </td>
                <td
                  data-head={words.columns.expires}
                  class={expiresAt !== null && expiresAt - now < 7 * DAY_MS ? 'is-warn' : 'sub'}
                >
                  {expiresAt === null ? words.never : stamp(expiresAt)}
                </td>
                <td class="end">
                  <RemoveButton
                    name={name ?? id}
                    head={words.ask.revokeHead(name ?? id)}
                    body={words.ask.revokeBody}
                    short={words.revoke}
                    go={words.ask.revoke}
                    remove={() => hub.revokeToken(id)}
                    onRemoved={list.again}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </PagedPanel>
  );
}

function NewTokenForm({ onMade }: { onMade: () => void }) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  const [made, setMade] = useState<IssuedApiToken>();
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (busy || !(form instanceof HTMLFormElement)) return;
    const data = new FormData(form);
    const termMs = TERMS[String(data.get('term')) as keyof typeof TERMS] ?? 0;
    setBusy(true);
    setTrouble('');
    try {
      const token = await hub.addToken({
        name: String(data.get('name')).trim(),
        role: String(data.get('role')) as Role,
        ...(termMs > 0 && { expiresAt: hubClock.now() + termMs }),
      });
      form.reset();
      setMade(token);
      onMade();
    } catch (error) {
      setTrouble(troubleOf(error));
    }
    setBusy(false);
  };
  return (
    <form class="row wrap line-form" onSubmit={submit}>
      <label class="field">
        <span>{words.name}</span>
        <input class="in" name="name" required autocomplete="off" />
      </label>
      <RoleField />
      <label class="field">
        <span>{words.expires}</span>
        <select class="in" name="term">
          {(Object.keys(TERMS) as (keyof typeof TERMS)[]).map((term) => (
            <option key={term} value={term}>
              {words.terms[term]}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="btn" aria-busy={busy}>
        {busy ? words.busy : words.addToken}
      </button>
      <span class="err whole" role="alert">
        {trouble}
      </span>
      {made && (
        <div class="note is-ok whole" role="status">
          <Icon name="check" />
          <div>
            <p>{words.made(made.name ?? made.id)}</p>
            <span class="wrap-any">
              <CopyButton text={made.token} label={words.copy} />
            </span>
          </div>
        </div>
      )}
    </form>
  );
}
