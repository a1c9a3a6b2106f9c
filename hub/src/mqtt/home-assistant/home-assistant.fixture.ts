import Type from 'typebox';
import { Compile } from 'typebox/compile';

/**
 * What Home Assistant takes, written from its documentation of device discovery, of the MQTT sensor and of the
 * MQTT binary sensor (https://www.home-assistant.io/integrations/mqtt/, …/sensor.mqtt/, …/binary_sensor.mqtt/),
 * narrowed to what the hub uses. Closed on purpose: an option that is not in here was not looked up.
 */
const closed = { additionalProperties: false };
const Text = Type.String({ minLength: 1 });
/** No wildcard, no NUL (`valid_subscribe_topic`, and we publish none). */
const Topic = Type.String({ pattern: '^[^+#\\0]+$', maxLength: 65_535 });
const Url = Type.String({ pattern: '^https?://' });
const Template = Type.String({ pattern: '^[\\x20-\\x7e]+$' });

const Device = Type.Object(
  {
    identifiers: Type.Array(Text, { minItems: 1 }),
    name: Text,
    model: Type.Optional(Text),
    sw_version: Type.Optional(Text),
    suggested_area: Type.Optional(Text),
    configuration_url: Type.Optional(Url),
  },
  closed,
);
const Origin = Type.Object(
  { name: Text, sw_version: Type.Optional(Text), support_url: Type.Optional(Url) },
  closed,
);
const entity = { unique_id: Text, name: Text, value_template: Template };
const Sensor = Type.Object(
  {
    platform: Type.Literal('sensor'),
    ...entity,
    device_class: Type.Optional(Text),
    state_class: Type.Optional(Type.Enum(['measurement', 'total', 'total_increasing'])),
    unit_of_measurement: Type.Optional(Text),
    suggested_display_precision: Type.Optional(Type.Integer({ minimum: 0 })),
    options: Type.Optional(Type.Array(Type.String(), { minItems: 1, uniqueItems: true })),
  },
  closed,
);
const BinarySensor = Type.Object({ platform: Type.Literal('binary_sensor'), ...entity }, closed);
const Removed = Type.Object({ platform: Type.Enum(['sensor', 'binary_sensor']) }, closed);

const Message = Type.Object(
  {
    device: Device,
    origin: Origin,
    state_topic: Topic,
    availability: Type.Array(Type.Object({ topic: Topic, value_template: Template }, closed)),
    availability_mode: Type.Enum(['all', 'any', 'latest']),
    components: Type.Record(Type.String(), Type.Union([Sensor, BinarySensor, Removed])),
  },
  closed,
);
const message = Compile(Message);

/**
 * Units by class, and the classes without `measurement`, of
 * https://developers.home-assistant.io/docs/core/entity/sensor/#available-device-classes.
 */
const UNITS: Readonly<Record<string, readonly (string | undefined)[]>> = {
  apparent_power: ['mVA', 'VA', 'kVA'],
  conductivity: ['S/cm', 'mS/cm', 'µS/cm'],
  current: ['A', 'mA'],
  data_rate: [
    'bit/s',
    'kbit/s',
    'Mbit/s',
    'Gbit/s',
    'B/s',
    'kB/s',
    'MB/s',
    'GB/s',
    'KiB/s',
    'MiB/s',
    'GiB/s',
  ],
  data_size: ['bit', 'kbit', 'Mbit', 'Gbit', 'B', 'kB', 'MB', 'GB', 'TB', 'KiB', 'MiB', 'GiB', 'TiB'],
  distance: ['km', 'm', 'cm', 'mm', 'mi', 'nmi', 'yd', 'in'],
  duration: ['d', 'h', 'min', 's', 'ms', 'µs'],
  energy: ['J', 'kJ', 'MJ', 'GJ', 'mWh', 'Wh', 'kWh', 'MWh', 'GWh', 'TWh', 'cal', 'kcal', 'Mcal', 'Gcal'],
  frequency: ['Hz', 'kHz', 'MHz', 'GHz'],
  humidity: ['%'],
  illuminance: ['lx'],
  irradiance: ['W/m²', 'BTU/(h⋅ft²)'],
  ph: [undefined],
  power: ['mW', 'W', 'kW', 'MW', 'GW', 'TW'],
  precipitation_intensity: ['in/d', 'in/h', 'mm/d', 'mm/h'],
  pressure: ['mPa', 'Pa', 'hPa', 'kPa', 'bar', 'cbar', 'mbar', 'mmHg', 'inHg', 'psi'],
  signal_strength: ['dB', 'dBm'],
  sound_pressure: ['dB', 'dBA'],
  speed: ['ft/s', 'in/d', 'in/h', 'in/s', 'km/h', 'kn', 'm/s', 'mph', 'mm/d', 'mm/s'],
  temperature: ['°C', '°F', 'K'],
  voltage: ['V', 'mV', 'µV', 'kV', 'MV'],
  volume_flow_rate: ['m³/h', 'm³/min', 'm³/s', 'ft³/min', 'L/h', 'L/min', 'L/s', 'gal/min', 'mL/s'],
  volume_storage: ['L', 'mL', 'gal', 'fl. oz.', 'm³', 'ft³', 'CCF', 'MCF'],
  weight: ['kg', 'g', 'mg', 'µg', 'oz', 'lb', 'st'],
};
const METERS = new Set(['energy']);

/** What Home Assistant would object to in a discovery message; empty when it takes it. */
export function objections(topic: string, payload: string): string[] {
  const found: string[] = [];
  if (!/^([^+#]+)\/device\/[a-zA-Z0-9_-]+\/config$/.test(topic)) found.push(`bad topic ${topic}`);
  const value: unknown = JSON.parse(payload);
  for (const { instancePath, message: reason } of message.Errors(value))
    found.push(`${instancePath} ${reason}`);
  if (found.length > 0) return found;
  const { components } = value as Type.Static<typeof Message>;
  const ids = new Set<string>();
  for (const [key, component] of Object.entries(components)) {
    if (/\s/.test(key)) found.push(`${key}: Home Assistant takes what it removes apart at spaces`);
    if (!('unique_id' in component)) continue;
    if (ids.has(`${component.platform} ${component.unique_id}`)) found.push(`${key}: unique_id again`);
    ids.add(`${component.platform} ${component.unique_id}`);
    if (component.platform === 'sensor') found.push(...sensorObjections(key, component));
  }
  return found;
}

function sensorObjections(key: string, sensor: Type.Static<typeof Sensor>): string[] {
  const { device_class: cls, state_class: state, unit_of_measurement: unit, options } = sensor;
  if ((cls === 'enum') !== (options !== undefined))
    return [`${key}: options are for enum, and enum needs them`];
  if (cls === 'enum') return state === undefined && unit === undefined ? [] : [`${key}: enum is no number`];
  if (cls === undefined) return [];
  const units = UNITS[cls];
  if (units === undefined) return [`${key}: no class ${cls}`];
  if (!units.includes(unit)) return [`${key}: ${cls} is not in ${unit}`];
  if (METERS.has(cls) === (state === 'measurement')) return [`${key}: ${cls} is no ${state}`];
  return [];
}
