import {
  type AlarmChannelName,
  type AlarmChannelView,
  type AlarmRule,
  type AlarmView,
  type Profile,
  topics,
} from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config.js';
import type { Devices } from '../devices/devices.js';
import { FieldlineError } from '../errors.js';
import { AlarmDeliveries } from '../state/alarm-deliveries.js';
import { AlarmQuiets } from '../state/alarm-quiets.js';
import { AlarmWatches } from '../state/alarm-watches.js';
import { AlarmStore } from '../state/alarms.js';
import type { Audit } from '../state/audit.js';
import type { StateFile } from '../state/state-file.js';
import type { AlarmNews } from './alarm-change.js';
import { alarmId } from './alarm-id.js';
import type { AlarmNumbers } from './alarm-numbers.js';
import { Alarms } from './alarms.js';
import { ChannelError } from './channels/channel.js';
import { Courier } from './channels/courier.js';
import { Email } from './channels/email.js';
import { MqttAlarms, type PublishAlarm } from './channels/mqtt.js';
import { Webhook } from './channels/webhook.js';
import type { AlarmJournal } from './journal-follower.js';
import { LeftOut } from './left-out.js';
import { noticeOf } from './notice.js';
import { callsPeople, Quiets } from './quiets.js';
import { rulesOf } from './rules.js';

export interface OpenAlarmsOptions {
  readonly config: Config;
  readonly state: StateFile;
  readonly audit: Audit;
  readonly devices: Devices;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly journal: AlarmJournal;
  readonly log: FastifyBaseLogger;
  readonly now: () => number;
  /** Publishes over MQTT; throws while that cannot be. */
  readonly publish: PublishAlarm;
}

/** Alarms with the channels that tell of them. */
export interface OpenAlarms extends AlarmNumbers {
  readonly alarms: Alarms;
  readonly deliveries: AlarmDeliveries;
  readonly quiets: Quiets;
  /** How the channels stand that the configuration has switched on. */
  channels(): readonly AlarmChannelView[];
  /**
   * Says over a channel that this is a test.
   * @returns how long it took, ms
   * @throws FieldlineError `unknown_channel` 404, `channel_failed` 502
   */
  test(channel: string): Promise<number>;
  rules(): AlarmRule[];
  /** Ends what is under way on the channels; before what they go through is closed. */
  closeChannels(): Promise<void>;
  close(): void;
}

const DAY_MS = 86_400_000;

/** Opens the alarms, takes up how things stood, and begins to tell what is still owed. */
export async function openAlarms(options: OpenAlarmsOptions): Promise<OpenAlarms> {
  const { config, state, audit, devices, profiles, journal, log, now } = options;
  const leftOut = new LeftOut(log, now);
  const store = new AlarmStore(state, leftOut.row);
  const stored = new AlarmWatches(state, leftOut.row);
  const deliveries = new AlarmDeliveries(state);
  const hub = journal.id.slice(0, 8);
  const couriers = channelsOf(options).map((channel) => new Courier({ channel, deliveries, hub, log, now }));
  const owe = (
    news: readonly AlarmNews[],
    goes = (channel: AlarmChannelName, alarm: AlarmView) => !callsPeople(channel) || !quiets.holds(alarm),
  ): void => {
    for (const change of news) {
      const wanted = couriers.filter(
        ({ channel }) => channel.wants(change.event) && goes(channel.name, change.alarm),
      );
      if (wanted.length === 0) continue;
      const payload = JSON.stringify(noticeOf(change, devices.get(change.alarm.device)));
      const owed = { alarm: change.alarm.id, event: change.event, at: change.at, payload };
      for (const { channel } of wanted) deliveries.add(channel.name, owed);
    }
  };
  const trim = (): void => {
    try {
      deliveries.trim(now());
    } catch (error) {
      log.warn({ err: error }, 'what is owed to channels of alarms cannot be trimmed yet');
    }
  };
  const quiets = new Quiets({
    ...{ state, audit, log, now, store: new AlarmQuiets(state), unseen: (limit) => store.unseen(limit) },
    call: (raised) => {
      owe(
        raised.map((alarm) => ({ event: 'raised', alarm, at: now() })),
        callsPeople,
      );
      for (const courier of couriers) courier.ring();
    },
  });
  const { retentionDays, keep } = config.alarms;
  const retentionMs = retentionDays * DAY_MS;
  const alarms = new Alarms({
    ...{ state, store, stored, audit, devices, journal, log, leftOut, now, retentionMs, keep, owe },
  });
  alarms.onChange(() => {
    trim();
    for (const courier of couriers) courier.ring();
  });
  quiets.open();
  await alarms.open();
  for (const courier of couriers) courier.open();
  return {
    alarms,
    deliveries,
    quiets,
    byLevel: () => alarms.byLevel(),
    pruned: () => alarms.pruned,
    isBehind: () => alarms.isBehind,
    leftOut: () => ({ rows: leftOut.rows, readings: leftOut.readings }),
    channels: () => couriers.map((courier) => courier.view()),
    test: async (name) => {
      const courier = couriers.find(({ channel }) => channel.name === name);
      if (courier === undefined) {
        throw new FieldlineError('unknown_channel', 'There is no such channel, or it is off.', {
          status: 404,
        });
      }
      try {
        return await courier.test();
      } catch (error) {
        if (!(error instanceof ChannelError)) throw error;
        throw new FieldlineError('channel_failed', `The test did not get through: ${error.message}`, {
          status: 502,
        });
      }
    },
    rules: () => rulesOf(profiles, store.countsSince(alarmId('', null, '', (now() - 7 * DAY_MS) * 1_000))),
    closeChannels: async () => {
      await Promise.all(couriers.map((courier) => courier.close()));
    },
    close: () => {
      quiets.close();
      alarms.close();
    },
  };
}

function channelsOf({ config, publish, now }: OpenAlarmsOptions) {
  const { webhook, email, mqtt, perMinute } = config.alarms;
  const hasMqtt = mqtt && (config.mqtt.url !== null || config.mqtt.embedded);
  const { url, secret, authorization } = webhook;
  const link = `${config.origins[0] ?? `http://${config.host}:${config.port}`}/#/alarms`;
  return [
    ...(url === null ? [] : [new Webhook({ url, secret, authorization, perMinute, now })]),
    ...(email.host === null ? [] : [new Email({ ...email, host: email.host }, perMinute, link)]),
    ...(hasMqtt ? [new MqttAlarms(topics(config.mqtt.prefix).alarm('<id>'), publish)] : []),
  ];
}
