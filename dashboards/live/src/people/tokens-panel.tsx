import type { IssuedApiToken, Role } from '@fieldline/protocol/browser';
import { useCallback, useState } from 'preact/hooks';
import { hubClock } from '../api/client.js';
import * as hub from '../api/hub.js';
import { PagedPanel } from '../device/paged-panel.js';
import { usePaged } from '../device/use-paged.js';
import { day, stamp } from '../format/time.js';
import { pulse } from '../live/pulse.js';
import { CopyButton } from '../shell/copy-button.js';
import { Icon } from '../shell/icon.js';
import { people as words } from '../strings/people.js';
import { LineForm } from './line-form.js';
import { lastWords, PeopleTable } from './people-table.js';
import { RemoveButton } from './remove-button.js';
import { RoleField } from './role-field.js';
import { useLineForm } from './use-line-form.js';

const { columns } = words;
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
  const [made, setMade] = useState<IssuedApiToken>();
  const form = useLineForm(async (field) => {
    const termMs = TERMS[field('term') as keyof typeof TERMS] ?? 0;
    setMade(
      await hub.addToken({
        name: field('name').trim(),
        role: field('role') as Role,
        ...(termMs > 0 && { expiresAt: hubClock.now() + termMs }),
      }),
    );
    list.again();
  });
  const now = pulse.peek();
  return (
    <PagedPanel
      title={words.tokens}
      says={words.tokensSay}
      list={list}
      empty={list.items.length === 0}
      whenEmpty={null}
      foot={
        <LineForm form={form} go={words.addToken} made={made && <Made token={made} />}>
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
        </LineForm>
      }
    >
      <PeopleTable heads={[columns.name, columns.role, columns.made, columns.used, columns.expires]}>
        {list.items.map(({ id, name, role, createdAt, lastUsedAt, expiresAt }) => (
          <tr key={id}>
            <td class="wrap-any">{name ?? id}</td>
            <td>{role}</td>
            <td class="sub" data-head={columns.made}>
              {day(createdAt)}
            </td>
            <td class="sub" data-head={columns.used}>
              {lastWords(lastUsedAt)}
            </td>
            <td
              data-head={columns.expires}
              class={expiresAt !== null && expiresAt - now < 7 * DAY_MS ? 'is-warn' : 'sub'}
            >
              {expiresAt === null
                ? words.never
                : expiresAt <= now
                  ? words.expired(stamp(expiresAt))
                  : stamp(expiresAt)}
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
      </PeopleTable>
    </PagedPanel>
  );
}

/** A token that has just been made, this once. */
function Made({ token }: { token: IssuedApiToken }) {
  return (
    <div class="note is-ok whole" role="status">
      <Icon name="check" />
      <div>
        <p>{words.made(token.name ?? token.id)}</p>
        <span class="wrap-any">
          <CopyButton text={token.token} label={words.copy} />
        </span>
      </div>
    </div>
  );
}
