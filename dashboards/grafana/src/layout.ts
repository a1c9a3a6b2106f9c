import type { PanelDraft } from './model.js';
import { DATASOURCE, panelId } from './uids.js';

/** A row's title, and what stands below it, in the order of reading. */
export interface Section {
  /** null for what stands at the top of the board. */
  readonly title: string | null;
  readonly panels: readonly PanelDraft[];
}

const WIDTH = 24;

/**
 * Gives every panel its place: side by side from the left, in a new line where one does not fit; lines are as high
 * as the highest of their panels. Sections without panels are left out.
 */
export function placed(sections: readonly Section[]): object[] {
  const found: object[] = [];
  let y = 0;
  for (const { title, panels } of sections) {
    if (panels.length === 0) continue;
    if (title !== null) {
      const gridPos = { x: 0, y, w: WIDTH, h: 1 };
      found.push({ id: panelId(`row ${title}`), type: 'row', title, collapsed: false, gridPos, panels: [] });
      y += 1;
    }
    let x = 0;
    let height = 0;
    for (const draft of panels) {
      if (x + draft.w > WIDTH) {
        x = 0;
        y += height;
        height = 0;
      }
      found.push(panel(draft, x, y));
      x += draft.w;
      height = Math.max(height, draft.h);
    }
    y += height;
  }
  return found;
}

function panel(
  { key, w, h, defaults = {}, overrides = [], ...rest }: PanelDraft,
  x: number,
  y: number,
): object {
  return {
    id: panelId(key),
    ...rest,
    ...(rest.targets.length === 0 ? {} : { datasource: DATASOURCE }),
    gridPos: { x, y, w, h },
    fieldConfig: { defaults, overrides },
  };
}
