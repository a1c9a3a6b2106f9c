import { load } from 'js-yaml';
import { boardsIn } from './files.fixture.js';

interface FoundRule {
  readonly uid: string;
  readonly title: string;
  readonly dashboardUid?: string;
  readonly panelId?: number;
}

/** What Grafana would take of the provisioning, and make something else of than was meant. */
export function lintProvisioning(files: ReadonlyMap<string, string>): string[] {
  const contents = [...files].filter(([path]) => path.endsWith('.yaml'));
  return [
    ...contents.flatMap(([path, text]) => expandedIn(load(text)).map((found) => `${path}: $ in ${found}`)),
    ...rulesIn(files).flatMap((rule, at, all) => lintRule(rule, all.slice(0, at), files)),
  ];
}

function rulesIn(files: ReadonlyMap<string, string>): FoundRule[] {
  const text = files.get('provisioning/alerting/fieldline-rules.yaml') ?? '';
  return (load(text) as { groups: { rules: FoundRule[] }[] }).groups.flatMap(({ rules }) => rules);
}

/** Uids and titles must be there once in a folder; a link to a panel that is not there leads to an empty page. */
function lintRule(
  { uid, title, dashboardUid, panelId }: FoundRule,
  before: readonly FoundRule[],
  files: ReadonlyMap<string, string>,
): string[] {
  const board = boardsIn(files).find((one) => one.uid === dashboardUid);
  const isLinked = dashboardUid === undefined || board?.panels.some(({ id }) => id === panelId) === true;
  return [
    ...(before.some((one) => one.uid === uid) ? [`the uid of the rule ${uid} is there twice`] : []),
    ...(before.some((one) => one.title === title) ? [`the title of the rule ${title} is there twice`] : []),
    ...(isLinked ? [] : [`the rule ${uid} leads to a panel that is not there`]),
  ];
}

/** What Grafana takes as it stands. */
const VERBATIM = new Set(['model', 'settings']);
/** What it finds no name behind, and variables of its environment that are meant. */
const HARMLESS = /\$\$|\{\{ "\$" \}\}|\$\{GRAFANA_[A-Z_]+\}/g;

/** Texts that Grafana would expand from its environment, though nobody meant them so. */
function expandedIn(content: unknown): string[] {
  if (typeof content === 'string') return content.replace(HARMLESS, '').includes('$') ? [content] : [];
  if (typeof content !== 'object' || content === null) return [];
  return Object.entries(content).flatMap(([key, part]) => (VERBATIM.has(key) ? [] : expandedIn(part)));
}
