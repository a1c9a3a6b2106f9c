import type { PanelDraft } from '../model.js';

/** Words on a board. @param words Markdown */
export function notice(words: string): PanelDraft {
  return {
    ...{ key: 'notice', title: '', type: 'text', w: 24, h: 3, targets: [] },
    options: { mode: 'markdown', content: words },
  };
}
