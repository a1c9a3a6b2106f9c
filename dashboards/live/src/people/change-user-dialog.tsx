import type { Role, UserChanges, UserView } from '@fieldline/protocol/browser';
import * as hub from '../api/hub.js';
import { people } from '../strings/people.js';
import { FormDialog } from './form-dialog.js';
import { PasswordField } from './password-field.js';
import { RoleField } from './role-field.js';

const words = people.changeAsk;

interface ChangeUserDialogProps {
  readonly user: UserView;
  /** Whoever is logged in changes their own: a new password needs the one in force. */
  readonly isMe: boolean;
  readonly onChanged: () => void;
  readonly onClose: () => void;
}

/** Gives a user another role, or a new password. */
export function ChangeUserDialog({ user, isMe, onChanged, onClose }: ChangeUserDialogProps) {
  const send = async (field: (name: string) => string) => {
    const isNew = field('password') !== '';
    const changes: UserChanges = {
      ...(field('role') !== user.role && { role: field('role') as Role }),
      ...(isNew && { password: field('password') }),
      ...(isNew && isMe && { currentPassword: field('current') }),
    };
    if (Object.keys(changes).length === 0) throw new Error(words.nothing);
    await hub.changeUser(user.username, changes);
    onChanged();
  };
  return (
    <FormDialog
      head={words.head(user.username)}
      go={words.go}
      says={words.says(isMe)}
      send={send}
      onClose={onClose}
    >
      <RoleField role={user.role} />
      <PasswordField name="password" label={words.password} optional />
      {isMe && <PasswordField name="current" label={words.current} current optional />}
    </FormDialog>
  );
}
