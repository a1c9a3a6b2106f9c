import { createHash } from 'node:crypto';

/** The data source that every query asks. Fixed, so that dashboards and alerts find it after a reinstallation. */
export const DATASOURCE = { type: 'influxdb', uid: 'fieldline-influxdb' } as const;

/** Folder of the dashboards, and of the alert rules. */
export const FOLDER = { title: 'Fieldline', uid: 'fieldline' } as const;

/** Grafana takes no longer uid, and none with other characters. */
const LONGEST = 40;
const ALLOWED = /^[A-Za-z0-9_-]+$/;

/** Board of a profile's devices. */
export const DEVICE_BOARD = 'fieldline-device-';
/** Board of devices without a profile; their measurement is called so (protocol §6). */
export const NO_PROFILE = 'default';

/**
 * What follows {@link DEVICE_BOARD} in the uid of a profile's board: the profile's name, or, where Grafana would not
 * take that, its beginning and a hash.
 */
export function boardSuffix(profile: string): string {
  const room = LONGEST - DEVICE_BOARD.length;
  if (profile.length <= room && ALLOWED.test(profile) && profile !== NO_PROFILE) return profile;
  const beginning = profile.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, room - 9);
  return `${beginning}-${hash(profile).toString(16).padStart(8, '0')}`;
}

/** A uid of an alert rule, from the words that name it. */
export function ruleUid(words: readonly string[]): string {
  const name = words.join('-').replace(/[^A-Za-z0-9_-]/g, '-');
  const room = LONGEST - 'fl-'.length;
  const plain = name === words.join('-') && name.length <= room;
  return `fl-${plain ? name : `${name.slice(0, room - 9)}-${hash(words.join('\0')).toString(16).padStart(8, '0')}`}`;
}

/** The id of a panel on its board: it stays the same whatever comes before the panel, so links to it last. */
export function panelId(key: string): number {
  return (hash(key) % 0x7fff_fffe) + 1;
}

function hash(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0);
}
