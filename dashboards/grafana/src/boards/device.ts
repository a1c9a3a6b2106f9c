import type { Profile } from '@fieldline/protocol';
import { board } from '../board.js';
import type { Section } from '../layout.js';
import { DEVICE_TAG, livePage, otherBoards } from '../links.js';
import type { Annotation, PanelDraft, Variable } from '../model.js';
import type { GenerateOptions } from '../options.js';
import { connectionPanel, deviceFacts, rebootCount, reboots } from '../panels/connection.js';
import { currentValues } from '../panels/current-values.js';
import { numberPanel } from '../panels/number-panel.js';
import { rawReadings } from '../panels/raw-readings.js';
import { statePanel } from '../panels/state-panel.js';
import { source, THIS_DEVICE } from '../queries/influxql.js';
import { boardSuffix, DEVICE_BOARD } from '../uids.js';
import { devicesOf, thisProfile } from '../variables.js';

/** What happened to one device, as marks on the time axis of all its panels. */
export const DEVICE_EVENTS: Annotation = {
  name: 'Events of the device',
  iconColor: 'orange',
  query: `SELECT "title", "text", "kind" FROM "fieldline_event" WHERE ${THIS_DEVICE} AND $timeFilter`,
};

/** The sections that every device has, whatever it measures. */
export function connectionSections(from: string, { reportMs }: GenerateOptions): Section[] {
  const connection = [deviceFacts(reportMs), rebootCount(), connectionPanel(reportMs), reboots(reportMs)];
  return [
    { title: 'Connection', panels: reportMs === 0 ? [] : connection },
    { title: 'Readings', panels: [rawReadings(from)] },
  ];
}

/** The board of one kind of device: what its profile names, with units and limits. `$profile` → `$device`. */
export function deviceBoard(profile: Profile, options: GenerateOptions): object {
  const from = source(profile, options.influxVersion);
  const metrics = [...profile.metrics.values()];
  const numbers = metrics.filter(({ type }) => type === 'number');
  const states = metrics.filter(({ type }) => type !== 'number');
  const values: PanelDraft[] = metrics.length === 0 ? [] : [currentValues(profile, from)];
  const variables: Variable[] = [thisProfile(profile), devicesOf('$profile')];
  return board({
    uid: `${DEVICE_BOARD}${boardSuffix(profile.name)}`,
    title: `Device: ${profile.title}${profile.title === profile.name ? '' : ` (${profile.name})`}`,
    description: profile.description ?? `One device of the profile ${profile.name}.`,
    tags: [DEVICE_TAG],
    refresh: '10s',
    variables,
    annotations: [DEVICE_EVENTS],
    links: [livePage(options.hubUrl, '$device'), otherBoards()],
    sections: [
      { title: null, panels: values },
      { title: 'Measurements', panels: numbers.map((metric) => numberPanel(profile, metric, from)) },
      { title: 'States', panels: states.map((metric) => statePanel(profile, metric, from)) },
      ...connectionSections(from, options),
    ],
  });
}
