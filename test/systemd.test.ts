import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT } from './kit/hub-process.js';
import { run } from './kit/run.js';
import { tempDir } from './kit/temp-dir.js';

const UNITS = join(ROOT, 'deploy/systemd');
const place = tempDir('systemd');
const names = readdirSync(UNITS);
/** Part of systemd itself: nothing that a test should install where it is not. */
const isThere = existsSync('/usr/bin/systemd-analyze');

afterAll(() => place.remove());

/** The units for this machine: its node, this repository, and a user that there is. */
function installed(): string[] {
  mkdirSync(place.path, { recursive: true });
  return names.map((name) => {
    const unit = readFileSync(join(UNITS, name), 'utf8')
      .replaceAll('/usr/bin/node', process.execPath)
      .replaceAll('/opt/fieldline/', ROOT)
      .replaceAll(/^(User|Group)=fieldline$/gm, '$1=root');
    const path = join(place.path, name);
    writeFileSync(path, unit);
    return path;
  });
}

describe.skipIf(!isThere)('the units of systemd', () => {
  it('are understood, to the last line', async () => {
    // An unknown key or section is told on standard error, and is no failure to systemd.
    const told = await run('sh', ['-c', `systemd-analyze verify --man=no ${installed().join(' ')} 2>&1`]);
    expect(told.split('\n').filter((line) => line.includes(place.path))).toEqual([]);
  });

  it('give the hub no more than it needs', async () => {
    const [hub] = installed().filter((path) => path.endsWith('/fieldline.service'));
    const told = await run('sh', ['-c', `systemd-analyze security --offline=yes --no-pager ${hub} 2>&1`]);
    expect(told).toMatch(/Overall exposure level for fieldline.service: \d\.\d OK/);
  });
});

describe('what the units name', () => {
  it('is in the repository', () => {
    for (const name of names) {
      const unit = readFileSync(join(UNITS, name), 'utf8');
      for (const [, path] of unit.matchAll(/\/opt\/fieldline\/([\w./-]+)/g)) {
        expect(existsSync(join(ROOT, path ?? '')), `${name}: ${path}`).toBe(true);
      }
    }
  });
});
