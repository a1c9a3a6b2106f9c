import { type Finding, fail, ok, skip, warn } from '../finding.js';
import type { Scene } from '../scene.js';

/** The least that package.json asks for, and what is recommended. */
const MIN_NODE = [20, 19] as const;
const GOOD_NODE = 22;
/** Beside one for every device: files, the page, viewers. */
const OWN_FILES = 500;
const LEAST_FILES = 4_096;

/** Whether the program that runs the hub is new enough. */
export function checkNode({ nodeVersion }: Scene): Finding[] {
  const [major = 0, minor = 0] = nodeVersion.replace(/^v/, '').split('.').map(Number);
  const remedy = 'Install Node.js 24 (https://nodejs.org), then restart the hub.';
  if (major < MIN_NODE[0] || (major === MIN_NODE[0] && minor < MIN_NODE[1])) {
    return [fail('node', 'node_old', `${nodeVersion} is older than ${MIN_NODE.join('.')}`, remedy)];
  }
  if (major < GOOD_NODE) {
    return [warn('node', 'node_ending', `${nodeVersion} works, and gets no security fixes any more`, remedy)];
  }
  return [ok('node', nodeVersion)];
}

/** Whether the hub may open a socket for every device. */
export function checkOpenFiles({ data, hub }: Scene): Finding[] {
  const limit = data?.openFiles ?? null;
  if (limit === null) return [skip('open files', 'the process of the hub is not seen here')];
  const devices = hub.isThere && hub.told !== null ? hub.told.system.devices : null;
  const known = devices === null ? 0 : devices.online + devices.sleeping + devices.offline;
  const needed = Math.max(LEAST_FILES, known + OWN_FILES);
  if (limit >= needed) return [ok('open files', `${limit} for the hub, ${known} devices`)];
  const message = `the hub may have ${limit} files and sockets open, and ${known} devices need ${needed}`;
  const remedy =
    'Raise it: LimitNOFILE=65536 in the unit of systemd, ulimits.nofile in Compose, ulimit -n in a shell.';
  return [warn('open files', 'open_files_low', message, remedy)];
}
