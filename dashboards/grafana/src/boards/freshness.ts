import type { Profile } from '@fieldline/protocol';
import { board } from '../board.js';
import { otherBoards } from '../links.js';
import type { GenerateOptions } from '../options.js';
import { completenessHistory, completenessTable } from '../panels/completeness.js';
import { freshnessHistory, freshnessTable, messageTroubles } from '../panels/freshness.js';
import { silence } from './silence.js';

/** Whether readings come when they should, and all of them. */
export function freshnessBoard(profiles: readonly Profile[], options: GenerateOptions): object {
  return board({
    uid: 'fieldline-freshness',
    title: 'Freshness and completeness',
    description: 'Whether readings come when they should, and all of them.',
    links: [otherBoards()],
    sections: [
      ...silence(options),
      { title: 'Freshness', panels: [freshnessTable(options.reportMs), freshnessHistory(options.reportMs)] },
      {
        title: 'Completeness',
        panels: [completenessTable(profiles, options), completenessHistory(profiles, options)],
      },
      { title: 'What went wrong', panels: messageTroubles(options.reportMs) },
    ],
  });
}
