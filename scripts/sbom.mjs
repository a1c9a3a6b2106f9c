// Writes a bill of materials (CycloneDX) of what the image holds: the packages that the bundles and the page were made of, as
// their source maps tell, and those that are left in node_modules. npm alone would name packages by how they were installed:
// what is in the page is a dependency for development to it, and `ws`, of which tests need it too.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const MADE = ['hub/bundle', 'device-sim/bundle', 'firmware-bridge/bundle', 'dashboards/live/dist'];
/** From `node_modules/a/node_modules/@b/c/lib/x.js` to `node_modules/a/node_modules/@b/c`. */
const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

function filesBelow(directory, ending) {
  const entries = readdirSync(join(root, directory), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(ending));
  return files.map((entry) => join(entry.parentPath, entry.name));
}

/** Paths of packages, as the lock file has them. */
const used = new Set();
for (const map of MADE.flatMap((directory) => filesBelow(directory, '.map'))) {
  for (const source of JSON.parse(readFileSync(map, 'utf8')).sources) {
    const [path] = PACKAGE.exec(relative(root, resolve(dirname(map), source))) ?? [];
    if (path !== undefined) used.add(path);
  }
}
for (const manifest of filesBelow('node_modules', 'package.json')) {
  const [path] = PACKAGE.exec(relative(root, manifest)) ?? [];
  if (path !== undefined) used.add(path);
}

/** `ws@8.23.0`: how npm refers to a package in a bill. */
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const references = new Set(
  [...used].map((path) => `${path.split('node_modules/').at(-1)}@${lock.packages[path]?.version}`),
);

const npm = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'];
const bill = JSON.parse(execFileSync('npm', npm, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 }));
bill.components = bill.components.filter(
  (component) => references.has(component['bom-ref']) || component['bom-ref'].startsWith('@fieldline/'),
);
const kept = new Set([bill.metadata.component, ...bill.components].map((component) => component['bom-ref']));
bill.dependencies = bill.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((needed) => kept.has(needed)) }));
writeFileSync(join(root, 'sbom.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`);
