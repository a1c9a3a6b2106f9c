/** How a unit is called where values are shown. */
export interface Unit {
  /** UCUM code, case sensitive (https://ucum.org/ucum), or SenML's (RFC 8428 §12.1) where UCUM has none. */
  readonly code: string;
  /** What stands behind a number: `°C`. Empty for a plain count. */
  readonly symbol: string;
  /** In words, English. */
  readonly name: string;
  /** Grafana's unit id (@grafana/data `valueFormats/categories.ts`), or `suffix:…` where it has none. */
  readonly grafana: string;
  /** Home Assistant's `unit_of_measurement`; null where a class, or a plain count, takes none. */
  readonly homeAssistantUnit: string | null;
  /**
   * Home Assistant's `device_class` of a sensor; null where it has none that takes this unit, or where the
   * unit alone does not tell (`%` may be a battery, ppm may be any gas).
   */
  readonly homeAssistantClass: string | null;
}

type Row = readonly [
  code: string,
  symbol: string,
  name: string,
  grafana: string,
  homeAssistantClass: string | null,
];

const ROWS: readonly Row[] = [
  ['Cel', '°C', 'degree Celsius', 'celsius', 'temperature'],
  ['[degF]', '°F', 'degree Fahrenheit', 'fahrenheit', 'temperature'],
  ['K', 'K', 'kelvin', 'kelvin', 'temperature'],
  ['%', '%', 'percent', 'percent', null],
  ['%RH', '%', 'relative humidity', 'percent', 'humidity'],
  ['uV', 'µV', 'microvolt', 'suffix:µV', 'voltage'],
  ['mV', 'mV', 'millivolt', 'mvolt', 'voltage'],
  ['V', 'V', 'volt', 'volt', 'voltage'],
  ['kV', 'kV', 'kilovolt', 'kvolt', 'voltage'],
  ['uA', 'µA', 'microampere', 'suffix:µA', null],
  ['mA', 'mA', 'milliampere', 'mamp', 'current'],
  ['A', 'A', 'ampere', 'amp', 'current'],
  ['mW', 'mW', 'milliwatt', 'mwatt', 'power'],
  ['W', 'W', 'watt', 'watt', 'power'],
  ['kW', 'kW', 'kilowatt', 'kwatt', 'power'],
  ['MW', 'MW', 'megawatt', 'megwatt', 'power'],
  ['V.A', 'VA', 'volt-ampere', 'voltamp', 'apparent_power'],
  ['W.h', 'Wh', 'watt-hour', 'watth', 'energy'],
  ['kW.h', 'kWh', 'kilowatt-hour', 'kwatth', 'energy'],
  ['J', 'J', 'joule', 'joule', 'energy'],
  ['A.h', 'Ah', 'ampere-hour', 'amph', null],
  ['mA.h', 'mAh', 'milliampere-hour', 'mamph', null],
  ['Ohm', 'Ω', 'ohm', 'ohm', null],
  ['kOhm', 'kΩ', 'kiloohm', 'kohm', null],
  ['Hz', 'Hz', 'hertz', 'rothz', 'frequency'],
  ['kHz', 'kHz', 'kilohertz', 'suffix:kHz', 'frequency'],
  ['MHz', 'MHz', 'megahertz', 'suffix:MHz', 'frequency'],
  ['/min', '/min', 'per minute', 'suffix:/min', null],
  ['{rpm}', 'rpm', 'revolutions per minute', 'rotrpm', null],
  ['Pa', 'Pa', 'pascal', 'pressurepa', 'pressure'],
  ['hPa', 'hPa', 'hectopascal', 'pressurehpa', 'pressure'],
  ['kPa', 'kPa', 'kilopascal', 'pressurekpa', 'pressure'],
  ['mbar', 'mbar', 'millibar', 'pressurembar', 'pressure'],
  ['bar', 'bar', 'bar', 'pressurebar', 'pressure'],
  ['[psi]', 'psi', 'pound per square inch', 'pressurepsi', 'pressure'],
  ['lx', 'lx', 'lux', 'lux', 'illuminance'],
  ['W/m2', 'W/m²', 'watt per square metre', 'Wm2', 'irradiance'],
  ['um', 'µm', 'micrometre', 'suffix:µm', null],
  ['mm', 'mm', 'millimetre', 'lengthmm', 'distance'],
  ['cm', 'cm', 'centimetre', 'suffix:cm', 'distance'],
  ['m', 'm', 'metre', 'lengthm', 'distance'],
  ['km', 'km', 'kilometre', 'lengthkm', 'distance'],
  ['mm/h', 'mm/h', 'millimetre per hour', 'suffix:mm/h', 'precipitation_intensity'],
  ['m/s', 'm/s', 'metre per second', 'velocityms', 'speed'],
  ['km/h', 'km/h', 'kilometre per hour', 'velocitykmh', 'speed'],
  ['m/s2', 'm/s²', 'metre per second squared', 'accMS2', null],
  ['[g]', 'g', 'standard acceleration of gravity', 'accG', null],
  ['mg', 'mg', 'milligram', 'massmg', 'weight'],
  ['g', 'g', 'gram', 'massg', 'weight'],
  ['kg', 'kg', 'kilogram', 'masskg', 'weight'],
  ['t', 't', 'tonne', 'masst', null],
  ['N', 'N', 'newton', 'forceN', null],
  ['mL', 'mL', 'millilitre', 'mlitre', 'volume_storage'],
  ['L', 'L', 'litre', 'litre', 'volume_storage'],
  ['m3', 'm³', 'cubic metre', 'm3', 'volume_storage'],
  ['L/min', 'L/min', 'litre per minute', 'flowlpm', 'volume_flow_rate'],
  ['L/h', 'L/h', 'litre per hour', 'litreh', null],
  ['m3/h', 'm³/h', 'cubic metre per hour', 'suffix:m³/h', 'volume_flow_rate'],
  ['us', 'µs', 'microsecond', 'µs', null],
  ['ms', 'ms', 'millisecond', 'ms', 'duration'],
  ['s', 's', 'second', 's', 'duration'],
  ['min', 'min', 'minute', 'm', 'duration'],
  ['h', 'h', 'hour', 'h', 'duration'],
  ['d', 'd', 'day', 'd', 'duration'],
  ['dB', 'dB', 'decibel', 'dB', null],
  ['dB[SPL]', 'dB', 'sound pressure level', 'dB', 'sound_pressure'],
  ['dB[mW]', 'dBm', 'decibel-milliwatt', 'dBm', 'signal_strength'],
  ['[ppm]', 'ppm', 'parts per million', 'ppm', null],
  ['[ppb]', 'ppb', 'parts per billion', 'conppb', null],
  ['ug/m3', 'µg/m³', 'microgram per cubic metre', 'conμgm3', null],
  ['mg/m3', 'mg/m³', 'milligram per cubic metre', 'conmgm3', null],
  ['mg/L', 'mg/L', 'milligram per litre', 'suffix:mg/L', null],
  ['uS/cm', 'µS/cm', 'microsiemens per centimetre', 'suffix:µS/cm', 'conductivity'],
  ['[pH]', 'pH', 'acidity', 'suffix:pH', 'ph'],
  ['deg', '°', 'degree of angle', 'degree', null],
  ['rad', 'rad', 'radian', 'radian', null],
  ['deg/s', '°/s', 'degree per second', 'rotdegs', null],
  ['uT', 'µT', 'microtesla', 'suffix:µT', null],
  ['uSv/h', 'µSv/h', 'microsievert per hour', 'radusvh', null],
  ['bit/s', 'bit/s', 'bit per second', 'bps', 'data_rate'],
  ['By/s', 'B/s', 'byte per second', 'Bps', 'data_rate'],
  ['By', 'B', 'byte', 'decbytes', 'data_size'],
  ['kBy', 'kB', 'kilobyte', 'deckbytes', 'data_size'],
  ['MBy', 'MB', 'megabyte', 'decmbytes', 'data_size'],
  ['KiBy', 'KiB', 'kibibyte', 'kbytes', 'data_size'],
  ['MiBy', 'MiB', 'mebibyte', 'mbytes', 'data_size'],
  ['1', '', 'number', 'none', null],
];

/** Codes that makers write as well: SenML's (RFC 8428, RFC 8798) and the plain names. */
const ALIASES: Readonly<Record<string, string>> = {
  Wh: 'W.h',
  kWh: 'kW.h',
  VA: 'V.A',
  Ah: 'A.h',
  mAh: 'mA.h',
  rpm: '{rpm}',
  dBm: 'dB[mW]',
  ppm: '[ppm]',
  ppb: '[ppb]',
  pH: '[pH]',
  l: 'L',
  'l/min': 'L/min',
  B: 'By',
  kB: 'kBy',
  MB: 'MBy',
  KiB: 'KiBy',
  'B/s': 'By/s',
};

/** Units that may be known by a symbol, but whose Home Assistant class takes none. */
const UNITLESS_CLASSES = new Set(['ph']);

/** Every unit that is known here. */
export const UNITS: readonly Unit[] = ROWS.map(([code, symbol, name, grafana, homeAssistantClass]) => ({
  code,
  symbol,
  name,
  grafana,
  homeAssistantUnit:
    symbol === '' || (homeAssistantClass !== null && UNITLESS_CLASSES.has(homeAssistantClass))
      ? null
      : symbol,
  homeAssistantClass,
}));

const byCode = new Map(UNITS.map((unit) => [unit.code, unit]));

/** Other spellings of a code, to the code itself. */
export const UNIT_ALIASES: ReadonlyMap<string, string> = new Map(Object.entries(ALIASES));

/** A unit by its code or another spelling of it. One that is not known stands for itself everywhere. */
export function unitOf(code: string): Unit {
  return (
    byCode.get(UNIT_ALIASES.get(code) ?? code) ?? {
      code,
      symbol: code,
      name: code,
      grafana: `suffix:${code}`,
      homeAssistantUnit: code,
      homeAssistantClass: null,
    }
  );
}
