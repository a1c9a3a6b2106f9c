import Type from 'typebox';
import { configSchema } from './schema.js';
import type { Setting } from './setting.js';

/** A setting with its names. */
export interface NamedSetting {
  /** Its path: `journal.maxBytes`. */
  readonly key: string;
  readonly path: readonly string[];
  /** Its name in the environment: `FIELDLINE_JOURNAL_MAX_BYTES`. */
  readonly env: string;
  readonly setting: Setting;
}

/** What every variable of the hub starts with. */
export const ENV_PREFIX = 'FIELDLINE_';

/** Every setting by its key, in the order of the schema. */
export const settings: ReadonlyMap<string, NamedSetting> = new Map(
  [...walk(configSchema, [])].map((named) => [named.key, named]),
);

/** Keys of the maps in between: `device`, `journal`, … */
export const sections: ReadonlySet<string> = new Set(
  [...settings.values()].flatMap(({ path }) =>
    path.slice(0, -1).map((_, i) => path.slice(0, i + 1).join('.')),
  ),
);

function* walk(schema: Type.TObject, above: readonly string[]): Generator<NamedSetting> {
  for (const [name, child] of Object.entries(schema.properties)) {
    const path = [...above, name];
    if (Type.IsObject(child)) yield* walk(child, path);
    else yield { key: path.join('.'), path, env: envName(path), setting: child as Setting };
  }
}

/** `['journal', 'maxBytes']` → `FIELDLINE_JOURNAL_MAX_BYTES`. */
function envName(path: readonly string[]): string {
  const words = path.map((part) => part.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase());
  return ENV_PREFIX + words.join('_');
}
