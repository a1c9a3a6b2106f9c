import { ROLES, type Role } from '@fieldline/protocol/browser';
import { people as words } from '../strings/people.js';

/** A choice of a role, called `role` in its form. */
export function RoleField({ role = 'viewer' }: { role?: Role }) {
  return (
    <label class="field">
      <span>{words.role}</span>
      <select class="in" name="role">
        {ROLES.map((each) => (
          <option key={each} value={each} selected={each === role}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
}
