// biome-ignore-all lint/a11y/useFocusableInteractive: Tab reaches the rows; their heads take no focus
// biome-ignore-all lint/a11y/useSemanticElements: the head of a table that is placed by hand
import { fleet as words } from '../strings.js';
import type { Selection } from './selection.js';

const COLUMNS = [
  ['state', ''],
  ['device', ''],
  ['profile', 'c-prof'],
  ['tags', 'c-tags'],
  ['reading', 'end'],
  ['spark', 'c-spark'],
  ['signal', 'c-sig'],
  ['firmware', 'c-fw'],
  ['fresh', ''],
] as const;

/** The names of the columns, and the box that takes all rows that are shown. */
export function TableHead({ order, selection }: { order: readonly string[]; selection: Selection }) {
  const chosen = selection.ids.value;
  const some = chosen.size > 0 && order.some((id) => chosen.has(id));
  const all = some && order.every((id) => chosen.has(id));
  return (
    <div role="rowgroup" class="hg">
      <div class="hd" role="row">
        <span role="columnheader" class="c-check">
          <input
            type="checkbox"
            class="box"
            aria-label={words.selectShown}
            checked={all}
            indeterminate={some && !all}
            onClick={() => selection.toggleAll(order)}
          />
        </span>
        {COLUMNS.map(([column, look]) => (
          <span
            key={column}
            role="columnheader"
            class={look}
            title={column === 'fresh' ? words.freshHint : undefined}
          >
            {words.columns[column]}
          </span>
        ))}
      </div>
    </div>
  );
}
