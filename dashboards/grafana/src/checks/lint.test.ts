import { dump, load } from 'js-yaml';
import { beforeAll, expect, test } from 'vitest';
import { generate } from '../generate.js';
import { boardsIn, type FoundBoard, type FoundPanel, repositoryProfiles } from './files.fixture.js';
import { lintBoards } from './lint.fixture.js';
import { lintProvisioning } from './lint-provisioning.fixture.js';

let files: ReadonlyMap<string, string>;
let boards: FoundBoard[];
let board: FoundBoard;
let panel: FoundPanel;

beforeAll(async () => {
  files = generate(await repositoryProfiles());
  boards = boardsIn(files);
  board = boards.find(({ uid }) => uid === 'fieldline-device-pump') as FoundBoard;
  panel = board.panels.find(({ type }) => type === 'timeseries') as FoundPanel;
});

/** The board with other things on it. */
function faults(changes: Partial<FoundBoard>): string[] {
  return lintBoards([{ ...board, ...changes }]);
}

/** The board with one of its panels changed. */
function panelFaults(changes: Partial<FoundPanel>): string[] {
  return faults({ panels: board.panels.map((one) => (one === panel ? { ...one, ...changes } : one)) });
}

const asked = (query: string) => [{ refId: 'A', query, resultFormat: 'time_series' }];

test('what is made has no fault', () => {
  expect(lintBoards(boards)).toEqual([]);
  expect(lintProvisioning(files)).toEqual([]);
});

test('a uid or a title that is there twice takes from Grafana the right to write', () => {
  expect(lintBoards([board, { ...board, title: 'Another' }])).toEqual([
    'uid fieldline-device-pump is there twice',
  ]);
  expect(lintBoards([board, { ...board, uid: 'another' }])).toEqual([`title ${board.title} is there twice`]);
});

test.each(['pump.v2', 'x'.repeat(41), ''])('a uid that Grafana would not take: %j', (uid) => {
  expect(faults({ uid })).toEqual([`${uid}: Grafana would not take the uid`]);
});

test('two panels with one id, and panels that lie over each other', () => {
  const { id, gridPos } = board.panels[0] as FoundPanel;
  expect(panelFaults({ id }).join()).toContain(`panel id ${id} is there twice`);
  expect(panelFaults({ gridPos }).join()).toContain('lies over');
  expect(panelFaults({ gridPos: { ...panel.gridPos, x: 20 } }).join()).toContain(
    'does not fit into the width',
  );
});

test('a unit that Grafana does not know, also in an override', () => {
  const wrong = 'Grafana does not know the unit furlongs';
  expect(panelFaults({ fieldConfig: { defaults: { unit: 'furlongs' }, overrides: [] } }).join()).toContain(
    wrong,
  );
  const properties = [{ id: 'unit', value: 'furlongs' }];
  const overrides = [{ matcher: { id: 'byName', options: 'x' }, properties }];
  expect(panelFaults({ fieldConfig: { defaults: {}, overrides } }).join()).toContain(wrong);
});

test('two queries of one letter, and one that asks for all times', () => {
  const [query] = asked('SELECT x FROM y WHERE $timeFilter') as [(typeof panel.targets & object)[number]];
  expect(panelFaults({ targets: [query, query] }).join()).toContain('query A is there twice');
  expect(panelFaults({ targets: asked('SELECT x FROM y') }).join()).toContain('query A asks for all times');
});

test('a variable that nobody gives a value, wherever it stands', () => {
  const wrong = ['fieldline-device-pump: there is no variable sight'];
  expect(panelFaults({ targets: asked('SELECT x FROM y WHERE $timeFilter AND s = /$sight/') })).toEqual(
    wrong,
  );
  expect(faults({ links: [{ title: 'x', url: `http://x/$${'{'}sight:raw}` }] })).toEqual(wrong);
  expect(faults({ annotations: { list: [{ name: 'x', target: { query: 'SELECT $sight' } }] } })).toEqual(
    wrong,
  );
  const list = [...board.templating.list, { name: 'x', type: 'query', query: 'SHOW $sight' }];
  expect(faults({ templating: { list } })).toEqual(wrong);
  const [target] = asked('SELECT x FROM y WHERE $timeFilter') as [(typeof panel.targets & object)[number]];
  expect(panelFaults({ targets: [{ ...target, alias: '$tag_devise' }] })).toEqual([
    'fieldline-device-pump: there is no variable tag_devise',
  ]);
});

/** The first two rules of the pumps, changed, among the files. */
function ruleFaults(
  change: (first: Record<string, unknown>, second: Record<string, unknown>) => void,
): string[] {
  const path = 'provisioning/alerting/fieldline-rules.yaml';
  const content = load(files.get(path) ?? '') as {
    groups: { name: string; rules: Record<string, unknown>[] }[];
  };
  const [first, second] = content.groups.find(({ name }) => name.endsWith('pump'))?.rules ?? [];
  if (first && second) change(first, second);
  return lintProvisioning(new Map([...files, [path, dump(content)]]));
}

test('two rules of one name, and one that leads to a panel that is not there', () => {
  const twice = 'is there twice';
  expect(ruleFaults((a, b) => Object.assign(a, { uid: b.uid })).join()).toContain(`${twice}`);
  expect(ruleFaults((a, b) => Object.assign(a, { title: b.title })).join()).toContain(`(alarm) ${twice}`);
  expect(ruleFaults((a) => Object.assign(a, { panelId: 1 })).join()).toContain(
    'leads to a panel that is not there',
  );
  expect(ruleFaults((a) => Object.assign(a, { dashboardUid: 'x' })).join()).toContain('that is not there');
});

test('a text that Grafana would expand from its environment', () => {
  for (const summary of ['costs $5', '$HOME', '$$ and $x', `\${USER}`])
    expect(ruleFaults((a) => Object.assign(a, { annotations: { summary } })).join()).toContain(
      `$ in ${summary}`,
    );
  for (const summary of ['costs $$5', 'costs {{ "$" }}5'])
    expect(ruleFaults((a) => Object.assign(a, { annotations: { summary } }))).toEqual([]);
});
