import Type from 'typebox';
import { alarmSettings } from './schema/alarms.js';
import { deviceSettings } from './schema/device.js';
import { duckdbSettings } from './schema/duckdb.js';
import { grafanaSettings } from './schema/grafana.js';
import { hubSettings } from './schema/hub.js';
import { influxSettings } from './schema/influx.js';
import { journalSettings } from './schema/journal.js';
import { homeAssistantSettings, mqttSettings } from './schema/mqtt.js';
import { httpSettings, proxySettings, tlsSettings } from './schema/network.js';
import { liveSettings, metricsSettings, sessionSettings } from './schema/viewers.js';

/**
 * The whole configuration: the single source of types, defaults, names, limits and descriptions. Each section stands
 * in a file of `schema/`; a section of your own is one more line here.
 * A key's path names it in the file (`journal.maxBytes`) and in the environment (`FIELDLINE_JOURNAL_MAX_BYTES`).
 */
export const configSchema = Type.Object({
  ...hubSettings,
  device: deviceSettings,
  tls: tlsSettings,
  proxy: proxySettings,
  http: httpSettings,
  journal: journalSettings,
  duckdb: duckdbSettings,
  influx: influxSettings,
  mqtt: mqttSettings,
  homeAssistant: homeAssistantSettings,
  session: sessionSettings,
  metrics: metricsSettings,
  live: liveSettings,
  alarms: alarmSettings,
  grafana: grafanaSettings,
});
