import { checkBinding, checkUsers } from './checks/access.js';
import { checkBackup } from './checks/backup.js';
import { checkCertificate } from './checks/certificate.js';
import { checkClock } from './checks/clock.js';
import { checkData, checkDisk } from './checks/data.js';
import { checkDevices } from './checks/devices.js';
import { checkHub } from './checks/hub.js';
import { checkInflux } from './checks/influx.js';
import { checkNode, checkOpenFiles } from './checks/machine.js';
import { checkMqtt } from './checks/mqtt.js';
import { checkSinks } from './checks/sinks.js';
import type { Finding } from './finding.js';
import type { Scene } from './scene.js';

/** In the order in which they are told: first what everything else rests on. */
const CHECKS: readonly ((scene: Scene) => readonly Finding[] | Promise<readonly Finding[]>)[] = [
  checkHub,
  checkSinks,
  checkDisk,
  checkData,
  checkClock,
  checkNode,
  checkOpenFiles,
  checkBinding,
  checkCertificate,
  checkUsers,
  checkInflux,
  checkMqtt,
  checkDevices,
  checkBackup,
];

/** Looks at everything that can be seen. Checks that ask others run side by side. */
export async function examine(scene: Scene): Promise<Finding[]> {
  return (await Promise.all(CHECKS.map((check) => check(scene)))).flat();
}
