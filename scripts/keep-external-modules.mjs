// For the image: removes from node_modules what the bundles hold already. What stays is what they load from there, with
// all that it needs in turn, and the package that the hub finds the page by.
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EXTERNAL } from './bundle.mjs';

const modules = fileURLToPath(new URL('../node_modules/', import.meta.url));
const PAGE = '@fieldline/dashboards';

/** Everything in node_modules, by name. */
function installed() {
  return readdirSync(modules).flatMap((name) =>
    name.startsWith('@') ? readdirSync(modules + name).map((rest) => `${name}/${rest}`) : [name],
  );
}

const isExternal = (name) =>
  EXTERNAL.some((external) => (typeof external === 'string' ? external === name : external.test(name)));

/** Packages that a kept one has for itself lie below it, and stay with it. */
function keepWithDependencies(name, kept) {
  if (kept.has(name) || !existsSync(`${modules}${name}/package.json`)) return;
  kept.add(name);
  const { dependencies, optionalDependencies } = JSON.parse(
    readFileSync(`${modules}${name}/package.json`, 'utf8'),
  );
  for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) {
    keepWithDependencies(needed, kept);
  }
}

const kept = new Set([PAGE]);
const names = installed();
for (const name of names.filter(isExternal)) keepWithDependencies(name, kept);
for (const name of names) if (!kept.has(name)) rmSync(modules + name, { recursive: true, force: true });
for (const scope of readdirSync(modules)) {
  if (scope.startsWith('@') && readdirSync(modules + scope).length === 0) rmdirSync(modules + scope);
}
