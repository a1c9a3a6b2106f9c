import { formatBytes, type SettingValue } from './setting.js';
import { type NamedSetting, settings } from './settings.js';

/** What a reader of the documentation wants to know of one setting. */
export interface SettingDescription {
  readonly key: string;
  readonly env: string;
  readonly description: string;
  readonly allowed: string;
  /** As it would be written in a file; empty when there is no default. */
  readonly default: string;
  readonly secret: boolean;
}

/** Every setting, in the order of the schema. */
export function describeConfig(): SettingDescription[] {
  return [...settings.values()].map(describe);
}

/** The table of `docs/configuration.md`. */
export function configMarkdown(): string {
  const rows = describeConfig().map((setting) => {
    const notes = [setting.description, `Allowed: ${setting.allowed}.`];
    if (setting.secret) notes.push('Secret.');
    const fallback = setting.default === '' ? '' : `\`${setting.default}\``;
    return `| \`${setting.key}\` | \`${setting.env}\` | ${fallback} | ${notes.map(cell).join(' ')} |`;
  });
  return ['| key | variable | default | |', '|---|---|---|---|', ...rows, ''].join('\n');
}

function describe({ key, env, setting }: NamedSetting): SettingDescription {
  return {
    key,
    env,
    description: setting.description,
    allowed: setting.allowed,
    default: written(setting.kind === 'bytes', setting.default),
    secret: setting.secret ?? false,
  };
}

function written(isSize: boolean, value: SettingValue): string {
  if (value === null) return '';
  if (Array.isArray(value)) return value.join(',');
  return isSize ? formatBytes(Number(value)) : String(value);
}

/** `<` would start a tag and `|` a cell. */
function cell(text: string): string {
  return text.replaceAll('<', '&lt;').replaceAll('|', '\\|');
}
