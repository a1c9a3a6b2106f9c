import * as hub from '../api/hub.js';
import { toast } from '../shell/toast.js';
import { ownPassword as words } from '../strings/password.js';
import { FormDialog } from './form-dialog.js';
import { PasswordField } from './password-field.js';

/** Whoever is logged in by name gives themselves a new password; the one in force proves that it is them. */
export function PasswordDialog({ me, onClose }: { me: string; onClose: () => void }) {
  const send = async (field: (name: string) => string) => {
    await hub.changeUser(me, { password: field('password'), currentPassword: field('current') });
    toast(words.done, 'check');
    onClose();
  };
  return (
    <FormDialog head={words.head} go={words.go} says={words.says} send={send} onClose={onClose}>
      <PasswordField name="current" label={words.current} current />
      <PasswordField name="password" label={words.password} />
    </FormDialog>
  );
}
