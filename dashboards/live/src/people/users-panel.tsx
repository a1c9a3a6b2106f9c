import { ROLES, type Role } from '@fieldline/protocol/browser';
import { useCallback, useState } from 'preact/hooks';
import * as hub from '../api/hub.js';
import { PagedPanel } from '../device/paged-panel.js';
import { usePaged } from '../device/use-paged.js';
import { age } from '../format/age.js';
import { pulse } from '../live/pulse.js';
import { Empty } from '../shell/empty.js';
import { people as words } from '../strings/people.js';
import { RemoveButton } from './remove-button.js';
import { troubleOf } from './trouble.js';

/** Who may log in by name and password. */
export function UsersPanel({ me }: { me: string }) {
  const list = usePaged(useCallback((cursor?: string) => hub.users(cursor), []));
  return (
    <PagedPanel
      title={words.users}
      says={words.usersSay}
      list={list}
      empty={list.items.length === 0}
      whenEmpty={<Empty art="calm" head={words.noUsersHead} body={words.noUsersBody} />}
      foot={<NewUserForm onMade={list.again} />}
    >
      <div class="scroll">
        <table class="tb fold">
          <thead>
            <tr>
              <th scope="col">{words.columns.name}</th>
              <th scope="col">{words.columns.role}</th>
              <th scope="col">{words.columns.may}</th>
              <th scope="col">{words.columns.seen}</th>
              <th scope="col">
                <span class="vh">{words.columns.act}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {list.items.map(({ username, role, lastUsedAt }) => (
              <tr key={username}>
                <td>
                  {username} {username === me && <span class="sub">{words.you}</span>}
                </td>
                <td>{role}</td>
                <td class="sub wide">{words.may(role)}</td>
                <td class="sub" data-head={words.columns.seen}>
                  {lastUsedAt === null
                    ? words.never
                    : words.ago(age(Math.max(1000, pulse.peek() - lastUsedAt)))}
                </td>
                <td class="end">
                  <RemoveButton
                    name={username}
                    head={words.ask.removeHead(username)}
                    body={words.ask.removeBody}
                    short={words.remove}
                    go={words.ask.remove}
                    remove={() => hub.removeUser(username)}
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

function NewUserForm({ onMade }: { onMade: () => void }) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (busy || !(form instanceof HTMLFormElement)) return;
    const data = new FormData(form);
    const text = (name: string) => String(data.get(name) ?? '');
    setBusy(true);
    setTrouble('');
    try {
      await hub.addUser({
        username: text('username').trim(),
        password: text('password'),
        role: text('role') as Role,
      });
      form.reset();
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
        <input class="in" name="username" required autocomplete="off" />
      </label>
      <label class="field">
        <span>{words.password}</span>
        <input
          class="in"
          name="password"
          type="password"
          minLength={12}
          required
          autocomplete="new-password"
          title={words.passwordHint}
        />
      </label>
      <RoleField />
      <button type="submit" class="btn" aria-busy={busy}>
        {busy ? words.busy : words.addUser}
      </button>
      <span class="sub small whole">{words.passwordHint}</span>
      <span class="err whole" role="alert">
        {trouble}
      </span>
    </form>
  );
}

export function RoleField() {
  return (
    <label class="field">
      <span>{words.role}</span>
      <select class="in" name="role">
        {ROLES.map((role) => (
          <option key={role} value={role}>
            {role}
          </option>
        ))}
      </select>
    </label>
  );
}
