import { isLoopback } from '../../api/hosts.js';
import { sizeWords } from '../../cli/size-words.js';
import { STATE_VERSION } from '../../state/migrations.js';
import { type Finding, fail, ok, skip, warn } from '../finding.js';
import type { Scene } from '../scene.js';

/** Who may read the data directory, and whether this version knows its formats. */
export function checkData({ data, config, hub }: Scene): Finding[] {
  if (data === null) {
    const missing = `there is no data directory of a hub at ${config.data}`;
    if (!hub.isThere || !isLoopback(new URL(hub.url).hostname))
      return [skip('data', `${missing} on this machine`)];
    const remedy =
      'Ask with its settings: as /usr/local/bin/fieldline does under systemd (docs/operations.md, "As a service"), in Compose ' +
      'docker compose exec hub fieldline doctor. Where its address here is a tunnel, all is well.';
    const message = `a hub runs on this machine, and ${missing}: it has other settings than this shell`;
    return [warn('data', 'other_settings', message, remedy)];
  }
  if (data.unreadable !== null) {
    const remedy = 'Run this as the user of the hub: sudo -u fieldline fieldline doctor';
    return [fail('data', 'data_unreadable', `it cannot be looked into: ${data.unreadable}`, remedy)];
  }
  const findings: Finding[] = [];
  const [first] = data.open;
  if (first === undefined) findings.push(ok('data', `${data.path} is readable for its owner only`));
  else {
    const message = `${data.open.length} files with tokens and readings are open to other users of this machine: ${first}`;
    findings.push(warn('data', 'data_open', message, `chmod -R go-rwx '${data.path}'`));
  }
  findings.push(format(data.stateVersion));
  return findings;
}

function format(version: number | null): Finding {
  if (version === null) return skip('format', 'only the hub that has it open knows');
  if (version > STATE_VERSION) {
    const message = `a newer hub wrote it: its state has schema ${version}, this version knows ${STATE_VERSION}`;
    const remedy = 'Run that version again, or restore a backup of before (docs/upgrading.md).';
    return fail('format', 'data_newer', message, remedy);
  }
  if (version === STATE_VERSION) return ok('format', `schema ${version}`);
  return ok('format', `schema ${version}; the next start brings it to ${STATE_VERSION}: back it up before`);
}

/** Whether the disk can take what the journal may grow to. */
export function checkDisk({ data, hub, config }: Scene): Finding[] {
  const told = hub.isThere ? hub.told : null;
  const disk = told?.system.disk ?? data?.disk ?? null;
  if (disk === null) return [skip('disk', 'its size is not known here')];
  const { minFreeBytes } = config.journal;
  const maxBytes = hub.isThere ? hub.readiness.journal.maxBytes : config.journal.maxBytes;
  const journalBytes = hub.isThere ? hub.readiness.journal.bytes : (data?.journalBytes ?? 0);
  const free = `${sizeWords(disk.freeBytes)} of ${sizeWords(disk.bytes)} are free`;
  if (disk.freeBytes < minFreeBytes) {
    const remedy = 'Make space: the hub goes on by itself (docs/operations.md, "When the disk fills").';
    return [
      fail(
        'disk',
        'disk_full',
        `${free}, and the journal leaves ${sizeWords(minFreeBytes)}: nothing is taken`,
        remedy,
      ),
    ];
  }
  if (disk.freeBytes - minFreeBytes < maxBytes - journalBytes) {
    const message = `${free}: the disk is full before the journal is at its cap (${sizeWords(maxBytes)})`;
    const remedy =
      'Give the data directory a larger disk, or lower journal.maxBytes: it bounds how long the history may be away.';
    return [warn('disk', 'disk_small', message, remedy)];
  }
  return [ok('disk', `${free}, and the journal may grow to ${sizeWords(maxBytes)}`)];
}
