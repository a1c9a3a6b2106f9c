import type { Profile } from '@fieldline/protocol';
import type { GenerateOptions } from '../options.js';
import { FOLDER } from '../uids.js';
import { Verbatim } from '../yaml.js';
import { hubRules } from './hub-rules.js';
import { metricRules } from './metric-rules.js';

const CONTACT_POINT = 'Fieldline';
const QUIET_HOURS = 'Fieldline quiet hours';

/** How often the rules are evaluated. */
const EVERY = '30s';

/**
 * The rules, a group for the hub and one for each profile that has limits; and which are deleted, because they were
 * made before and are not any more.
 */
export function rulesFile(profiles: readonly Profile[], options: GenerateOptions): object {
  const groups = [
    { name: 'fieldline-hub', rules: hubRules(options, profiles) },
    ...profiles.map((profile) => ({
      name: `fieldline-profile-${profile.name}`,
      rules: metricRules(profile, options),
    })),
  ];
  const made = new Set(groups.flatMap(({ rules }) => rules.map(({ uid }) => uid)));
  const gone = [...new Set(options.rulesBefore)].filter((uid) => !made.has(uid)).sort();
  return {
    apiVersion: 1,
    groups: groups
      .filter(({ rules }) => rules.length > 0)
      .map(({ name, rules }) => ({ orgId: 1, name, folder: FOLDER.title, interval: EVERY, rules })),
    ...(gone.length === 0 ? {} : { deleteRules: gone.map((uid) => ({ orgId: 1, uid })) }),
  };
}

/** Who is told. Settings of contact points are taken as they stand: nothing of the environment is put into them. */
export function contactPointsFile({ alertEmail }: GenerateOptions): object {
  const settings = new Verbatim({ addresses: alertEmail, singleEmail: true });
  return {
    apiVersion: 1,
    contactPoints: [
      {
        ...{ orgId: 1, name: CONTACT_POINT },
        receivers: [{ uid: 'fieldline-email', type: 'email', settings, disableResolveMessage: false }],
      },
    ],
  };
}

/** Which alerts go where, and how often. Grafana has one tree of policies: this one takes the place of what is there. */
export function policiesFile(): object {
  return {
    apiVersion: 1,
    policies: [
      {
        ...{ orgId: 1, receiver: CONTACT_POINT, group_by: ['grafana_folder', 'alertname'] },
        ...{ group_wait: '30s', group_interval: '5m', repeat_interval: '12h' },
        routes: [
          {
            ...{ receiver: CONTACT_POINT, object_matchers: [['severity', '=', 'alarm']] },
            ...{ group_wait: '10s', repeat_interval: '1h' },
          },
          {
            ...{ receiver: CONTACT_POINT, object_matchers: [['severity', '=', 'warn']] },
            ...{ mute_time_intervals: [QUIET_HOURS], repeat_interval: '24h' },
          },
        ],
      },
    ],
  };
}

/** When nobody is told of warnings; alarms are told at any time. */
export function muteTimesFile(): object {
  return {
    apiVersion: 1,
    muteTimes: [
      {
        ...{ orgId: 1, name: QUIET_HOURS },
        time_intervals: [
          {
            times: [
              { start_time: '22:00', end_time: '24:00' },
              { start_time: '00:00', end_time: '06:00' },
            ],
          },
        ],
      },
    ],
  };
}
