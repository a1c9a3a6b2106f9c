import type { Profile } from '@fieldline/protocol';
import { board } from '../board.js';
import { otherBoards } from '../links.js';
import type { GenerateOptions } from '../options.js';
import { alertList } from '../panels/alert-list.js';
import { availabilityHistory, worstTen } from '../panels/availability.js';
import { deviceMap } from '../panels/device-map.js';
import { deviceTable } from '../panels/device-table.js';
import { fleetCounts, fleetHistory, lastHeard } from '../panels/fleet-counts.js';
import { silence } from './silence.js';

/** All devices: who is there, who was not, and the way to each. */
export function fleetBoard(profiles: readonly Profile[], options: GenerateOptions): object {
  const { influxVersion, reportMs } = options;
  const map = deviceMap(profiles, influxVersion);
  return board({
    uid: 'fieldline-fleet',
    title: 'Fleet',
    description: 'All devices: who is there, who was not, and what needs somebody.',
    links: [otherBoards()],
    sections: [
      ...silence(options),
      { title: null, panels: [lastHeard(), ...fleetCounts(reportMs), deviceTable(profiles, options)] },
      { title: 'Availability', panels: [availabilityHistory(reportMs), fleetHistory(reportMs), worstTen()] },
      { title: 'Alerts', panels: [alertList()] },
      { title: 'Map', panels: map === null ? [] : [map] },
    ],
  });
}
