import type { IssuedToken } from '@fieldline/protocol/browser';
import { useCallback, useState } from 'preact/hooks';
import * as hub from '../api/manage.js';
import { SecretNote } from '../connect/secret-note.js';
import { usePaged } from '../device/use-paged.js';
import { day, stamp } from '../format/time.js';
import type { LiveDevice } from '../live/device.js';
import { LineForm } from '../people/line-form.js';
import { lastWords, PeopleTable } from '../people/people-table.js';
import { RemoveButton } from '../people/remove-button.js';
import { useLineForm } from '../people/use-line-form.js';
import { Loading } from '../shell/loading.js';
import { useModal } from '../shell/modal.js';
import { TroubleNote } from '../shell/trouble-note.js';
import { manage as words } from '../strings/manage.js';
import { words as common, lists } from '../strings.js';
import { troubleOf } from './trouble.js';

const { columns } = words;

/** The tokens of a device: several are valid at a time, so that one can be changed without missing anything. */
export function TokensDialog({ device, onClose }: { device: LiveDevice; onClose: () => void }) {
  const dialog = useModal();
  const { id } = device;
  const list = usePaged(useCallback((cursor?: string) => hub.tokens(id, cursor), [id]));
  const [made, setMade] = useState<IssuedToken>();
  const [isCopied, setCopied] = useState(false);
  const [warning, setWarning] = useState('');
  const form = useLineForm(async (field) => {
    setMade(await hub.addToken(id, field('name').trim()));
    setCopied(false);
    setWarning('');
    list.again();
  }, troubleOf);
  const cancel = (event: Event) => {
    if (event.target !== dialog.current || made === undefined || isCopied) return;
    event.preventDefault();
    setWarning(words.uncopied);
  };
  const revoked = (token: string) => {
    if (token === made?.id) setMade(undefined);
    list.again();
  };
  const close = (event: Event) => {
    // A question above this dialog closes, too.
    if (event.target === dialog.current) onClose();
  };
  return (
    <dialog ref={dialog} class="wide-dialog" aria-labelledby="tokens-head" onCancel={cancel} onClose={close}>
      <header>
        <h2 id="tokens-head">{words.tokensOf(device.name)}</h2>
      </header>
      <div class="pad">
        <p class="sub">{words.tokensSay}</p>
        {list.items.length === 0 && list.state === 'loading' && (
          <Loading rows={2} label={words.tokensOf(device.name)} />
        )}
        {list.items.length === 0 && list.state === 'ready' && <p>{words.noTokens}</p>}
        <TroubleNote trouble={list.reason} />
        {list.items.length > 0 && (
          <PeopleTable heads={[columns.name, columns.made, columns.used, columns.expires]}>
            {list.items.map(({ id: token, name, createdAt, lastUsedAt, expiresAt }) => (
              <tr key={token}>
                <td class="wrap-any">{name ?? <span class="sub">{words.unnamed}</span>}</td>
                <td class="sub" data-head={columns.made}>
                  {day(createdAt)}
                </td>
                <td class="sub" data-head={columns.used}>
                  {lastWords(lastUsedAt)}
                </td>
                <td class="sub" data-head={columns.expires}>
                  {expiresAt === null ? words.never : stamp(expiresAt)}
                </td>
                <td class="end">
                  <RemoveButton
                    name={name ?? token}
                    head={words.revokeHead(name ?? token)}
                    body={words.revokeBody}
                    short={words.revoke}
                    go={words.revokeGo}
                    remove={() => hub.revokeToken(id, token)}
                    onRemoved={() => revoked(token)}
                  />
                </td>
              </tr>
            ))}
          </PeopleTable>
        )}
        {list.more && (
          <button type="button" class="btn tiny" aria-busy={list.state === 'loading'} onClick={list.next}>
            {lists.more}
          </button>
        )}
        {made !== undefined && (
          <SecretNote
            says={words.made}
            secret={made.token}
            label={words.copyToken}
            short={words.copy}
            onCopied={() => {
              setCopied(true);
              setWarning('');
            }}
          />
        )}
        <TroubleNote trouble={made === undefined ? '' : warning} />
        <LineForm form={form} go={words.addToken}>
          <label class="field">
            <span>{words.tokenName}</span>
            <input class="in" name="name" maxLength={128} autocomplete="off" />
          </label>
        </LineForm>
      </div>
      <footer>
        <button type="button" class="btn" onClick={() => dialog.current?.close()}>
          {common.close}
        </button>
      </footer>
    </dialog>
  );
}
