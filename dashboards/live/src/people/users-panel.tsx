import type { Role, UserView } from '@fieldline/protocol/browser';
import { useCallback, useState } from 'preact/hooks';
import * as hub from '../api/hub.js';
import { PagedPanel } from '../device/paged-panel.js';
import { usePaged } from '../device/use-paged.js';
import { adminMissing } from '../first-run/first-run.js';
import { Empty } from '../shell/empty.js';
import { toast } from '../shell/toast.js';
import { people as words } from '../strings/people.js';
import { ChangeUserDialog } from './change-user-dialog.js';
import { LineForm } from './line-form.js';
import { PasswordField } from './password-field.js';
import { lastWords, PeopleTable } from './people-table.js';
import { RemoveButton } from './remove-button.js';
import { RoleField } from './role-field.js';
import { useLineForm } from './use-line-form.js';

const { columns } = words;

/** Who may log in by name and password. */
export function UsersPanel({ me }: { me: string }) {
  const list = usePaged(useCallback((cursor?: string) => hub.users(cursor), []));
  const [changing, setChanging] = useState<UserView>();
  const form = useLineForm(async (field) => {
    await hub.addUser({
      username: field('username').trim(),
      password: field('password'),
      role: field('role') as Role,
    });
    adminMissing.value = false;
    list.again();
  });
  return (
    <PagedPanel
      title={words.users}
      says={words.usersSay}
      list={list}
      empty={list.items.length === 0}
      whenEmpty={<Empty art="calm" head={words.noUsersHead} body={words.noUsersBody} />}
      foot={
        <LineForm form={form} go={words.addUser} hint={words.passwordHint}>
          <label class="field">
            <span>{words.name}</span>
            <input class="in" name="username" required autocomplete="off" />
          </label>
          <PasswordField name="password" label={words.password} />
          <RoleField />
        </LineForm>
      }
    >
      <PeopleTable heads={[columns.name, columns.role, columns.may, columns.seen]}>
        {list.items.map((user) => (
          <tr key={user.username}>
            <td>
              {user.username} {user.username === me && <span class="sub">{words.you}</span>}
            </td>
            <td>{user.role}</td>
            <td class="sub wide">{words.may(user.role)}</td>
            <td class="sub" data-head={columns.seen}>
              {lastWords(user.lastUsedAt)}
            </td>
            <td class="end acts">
              <button
                type="button"
                class="btn tiny"
                aria-label={`${words.change} ${user.username}`}
                onClick={() => setChanging(user)}
              >
                {words.change}
              </button>
              <RemoveButton
                name={user.username}
                head={words.ask.removeHead(user.username)}
                body={words.ask.removeBody}
                short={words.remove}
                go={words.ask.remove}
                remove={() => hub.removeUser(user.username)}
                onRemoved={list.again}
              />
            </td>
          </tr>
        ))}
      </PeopleTable>
      {changing && (
        <ChangeUserDialog
          user={changing}
          isMe={changing.username === me}
          onChanged={() => {
            toast(words.changed(changing.username), 'check');
            setChanging(undefined);
            list.again();
          }}
          onClose={() => setChanging(undefined)}
        />
      )}
    </PagedPanel>
  );
}
