import { flagOf } from './read-flags.js';
import type { Setting } from './setting.js';
import { BRIDGE_SETTINGS, PORT_SETTINGS, QUEUE_SETTINGS, USB_SETTINGS } from './settings.js';

/** The table of `docs/firmware-bridge.md`: every key with its flag, its default and its limits. */
export function settingsMarkdown(): string {
  const tables: [above: string, settings: Readonly<Record<string, Setting>>, hasFlags: boolean][] = [
    ['', BRIDGE_SETTINGS, true],
    ['queue.', QUEUE_SETTINGS, true],
    ['ports[].', PORT_SETTINGS, true],
    ['ports[].usb.', USB_SETTINGS, false],
  ];
  const rows = tables.flatMap(([above, settings, hasFlags]) =>
    Object.entries(settings).map(([name, setting]) => {
      const flag = hasFlags ? `\`${flagOf(name)}\`` : '';
      const fallback = setting.default === undefined ? '' : `\`${setting.default}\``;
      return `| \`${above}${name}\` | ${flag} | ${fallback} | ${setting.description} Allowed: ${setting.allowed}. |`;
    }),
  );
  return ['| key | flag | default | |', '|---|---|---|---|', ...rows, ''].join('\n');
}
