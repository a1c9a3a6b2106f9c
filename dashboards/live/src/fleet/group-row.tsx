// biome-ignore-all lint/a11y/useFocusableInteractive: a heading takes no focus
// biome-ignore-all lint/a11y/useSemanticElements: placed by hand among the rows in view, which no table element can hold
import { num } from '../format/number.js';
import { pulse } from '../live/pulse.js';
import { fleet as words } from '../strings.js';
import type { Outage } from './outage.js';
import type { Row } from './select.js';

interface GroupRowProps {
  readonly row: Row & { readonly kind: 'group' };
  readonly top: number;
  readonly onOutage: (outage: Outage) => void;
}

/** The heading of a part of the list. What failed together is told as one thing. */
export function GroupRow({ row, top, onOutage }: GroupRowProps) {
  const { outage } = row;
  return (
    <div class="gr" role="row" style={{ top: `${top}px` }}>
      <span role="cell">
        {row.needy ? words.needsAttention : words.asExpected} <span class="sub">{num(row.count, 0)}</span>
      </span>
      {outage && <Together outage={outage} onShow={() => onOutage(outage)} />}
    </div>
  );
}

/** On a phone in a few words, which are the way to them where a tag names them all. */
function Together({ outage, onShow }: { outage: Outage; onShow: () => void }) {
  const { tag } = outage;
  return (
    <>
      <span role="cell" class="sub wide-only cut">
        {words.together(outage, pulse.value)}{' '}
        {tag !== null && (
          <button type="button" class="as-link" onClick={onShow}>
            {words.showThem}
          </button>
        )}
      </span>
      <span role="cell" class="sub narrow-only cut together">
        {tag === null ? (
          words.togetherShort(outage)
        ) : (
          <button type="button" class="as-link" onClick={onShow}>
            {words.togetherShort(outage)}
          </button>
        )}
      </span>
    </>
  );
}
