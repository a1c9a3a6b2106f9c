import type { ComponentChildren } from 'preact';
import { age } from '../format/age.js';
import { pulse } from '../live/pulse.js';
import { people as words } from '../strings/people.js';

/** A list of those who may do something here, with a last column for what can be done about each. */
export function PeopleTable({ heads, children }: { heads: readonly string[]; children: ComponentChildren }) {
  return (
    <div class="scroll">
      <table class="tb fold">
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
            <th scope="col">
              <span class="vh">{words.columns.act}</span>
            </th>
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** "3 h ago", "never". */
export const lastWords = (at: number | null): string =>
  at === null ? words.never : words.ago(age(Math.max(1000, pulse.peek() - at)));
