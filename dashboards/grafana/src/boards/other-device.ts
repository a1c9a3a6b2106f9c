import { board } from '../board.js';
import { DEVICE_TAG, livePage, otherBoards } from '../links.js';
import type { GenerateOptions } from '../options.js';
import { allNumbers, latestOfAll } from '../panels/any-metric.js';
import { DEVICE_BOARD, NO_PROFILE } from '../uids.js';
import { devicesOf, otherProfiles } from '../variables.js';
import { connectionSections, DEVICE_EVENTS } from './device.js';

/** Stands for the measurement that the board's variable names. */
const FROM = '"$profile"';

/** The board of devices that no profile describes: whatever they send, without units and limits. */
export function otherDeviceBoard(known: readonly string[], options: GenerateOptions): object {
  return board({
    uid: `${DEVICE_BOARD}${NO_PROFILE}`,
    title: 'Device: without a profile',
    description:
      'One device that has no profile, or one whose profile is not among those that the boards were made of.',
    tags: [DEVICE_TAG],
    refresh: '10s',
    variables: [otherProfiles(known), devicesOf('$profile')],
    annotations: [DEVICE_EVENTS],
    links: [livePage(options.hubUrl, '$device'), otherBoards()],
    sections: [
      { title: null, panels: [latestOfAll(FROM)] },
      { title: 'Measurements', panels: [allNumbers(FROM)] },
      ...connectionSections(FROM, options),
    ],
  });
}
