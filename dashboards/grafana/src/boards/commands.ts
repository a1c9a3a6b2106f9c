import { board } from '../board.js';
import { otherBoards } from '../links.js';
import type { GenerateOptions } from '../options.js';
import {
  commandOutcomes,
  commandRates,
  commandsByName,
  contradicted,
  lastCommands,
  roundTrips,
} from '../panels/commands.js';
import { silence } from './silence.js';

/** What was asked of devices, and what came of it. */
export function commandsBoard(options: GenerateOptions): object {
  return board({
    uid: 'fieldline-commands',
    title: 'Commands',
    description: 'What was asked of devices, and what came of it.',
    from: 'now-24h',
    links: [otherBoards()],
    sections: [
      ...silence(options),
      { title: null, panels: [commandOutcomes(), contradicted(), commandRates()] },
      { title: 'Answers', panels: [roundTrips(), commandsByName(), lastCommands()] },
    ],
  });
}
