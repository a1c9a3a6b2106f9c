import type { Profile } from '@fieldline/protocol';
import { contactPointsFile, muteTimesFile, policiesFile, rulesFile } from './alerting/files.js';
import { RULES_PATH } from './alerting/rules-before.js';
import { commandsBoard } from './boards/commands.js';
import { deviceBoard } from './boards/device.js';
import { fleetBoard } from './boards/fleet.js';
import { freshnessBoard } from './boards/freshness.js';
import { ingestBoard } from './boards/ingest.js';
import { otherDeviceBoard } from './boards/other-device.js';
import { datasourceFile } from './datasource.js';
import { DEFAULT_OPTIONS, type GenerateOptions } from './options.js';
import { providersFile } from './providers.js';
import { withTypes } from './queries/retyped.js';
import { yamlFile } from './yaml.js';

/**
 * Everything that Grafana needs, made of the device profiles: path → text, sorted by path. The same profiles and options
 * give the same texts.
 */
export function generate(
  profiles: ReadonlyMap<string, Profile>,
  given: Partial<GenerateOptions> = {},
): ReadonlyMap<string, string> {
  const options: GenerateOptions = { ...DEFAULT_OPTIONS, ...given };
  const typed = [...profiles.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((profile) => withTypes(profile, options.retyped.get(profile.name)));
  const files = new Map<string, string>([
    ['provisioning/datasources/fieldline.yaml', yamlFile(datasourceFile(options))],
    ['provisioning/dashboards/fieldline.yaml', yamlFile(providersFile(options))],
    [RULES_PATH, yamlFile(rulesFile(typed, options))],
    ['provisioning/alerting/fieldline-contact-points.yaml', yamlFile(contactPointsFile(options))],
    ['provisioning/alerting/fieldline-policies.yaml', yamlFile(policiesFile())],
    ['provisioning/alerting/fieldline-mute-times.yaml', yamlFile(muteTimesFile())],
  ]);
  for (const board of boardsOf(typed, options)) {
    files.set(`dashboards/${(board as { uid: string }).uid}.json`, `${JSON.stringify(board, null, 2)}\n`);
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function boardsOf(profiles: readonly Profile[], options: GenerateOptions): object[] {
  const known = profiles.map(({ name }) => name);
  return [
    fleetBoard(profiles, options),
    ...profiles.map((profile) => deviceBoard(profile, options)),
    otherDeviceBoard(known, options),
    freshnessBoard(profiles, options),
    ingestBoard(options),
    commandsBoard(options),
  ];
}
