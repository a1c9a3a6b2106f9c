import type { Profile } from '@fieldline/protocol';
import type { Variable } from './model.js';
import { DATASOURCE } from './uids.js';

/** Read again whenever the range of time changes. */
const ON_TIME_RANGE = 2;
const ALPHABETICAL = 1;
const HIDDEN = 2;

/** `$profile` on the board of one profile: its measurement. */
export function thisProfile({ name, title }: Profile): Variable {
  const option = { text: title, value: name, selected: true };
  return {
    ...{ name: 'profile', label: 'Profile', type: 'custom', hide: HIDDEN, query: name },
    ...{ current: option, options: [option], includeAll: false, multi: false, skipUrlSync: true },
  };
}

/** `$profile` among measurements that no board stands for. InfluxQL cannot leave names out; Grafana can. */
export function otherProfiles(known: readonly string[]): Variable {
  const names = known.map((name) => name.replace(/[.]/g, '\\.'));
  const regex = `/^(?!fieldline_|(${names.join('|')})$).+$/`;
  return { ...asked('profile', 'Profile', 'SHOW MEASUREMENTS'), regex };
}

/** `$device` among those that have readings in a measurement. */
export function devicesOf(measurement: string): Variable {
  return asked('device', 'Device', `SHOW TAG VALUES FROM "${measurement}" WITH KEY = "device"`);
}

function asked(name: string, label: string, query: string): Variable {
  return {
    ...{ name, label, type: 'query', query, datasource: DATASOURCE, hide: 0, regex: '' },
    ...{ refresh: ON_TIME_RANGE, sort: ALPHABETICAL, includeAll: false, multi: false },
  };
}
