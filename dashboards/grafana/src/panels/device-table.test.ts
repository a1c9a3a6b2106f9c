import { expect, test } from 'vitest';
import { boardsIn, type FoundPanel, oddProfile, repositoryProfiles } from '../checks/files.fixture.js';
import { generate } from '../generate.js';

function propertyOf(panel: FoundPanel, column: string, id: string): unknown {
  const override = panel.fieldConfig?.overrides.find(({ matcher }) => matcher.options === column);
  return override?.properties.find((property) => property.id === id)?.value;
}

test('every link of the table leads to a board that there is', async () => {
  const odd = oddProfile();
  const profiles = new Map([...(await repositoryProfiles()), [odd.name, odd]]);
  const boards = boardsIn(generate(profiles));
  const table = boards
    .find(({ uid }) => uid === 'fieldline-fleet')
    ?.panels.find(({ title }) => title === 'Devices') as FoundPanel;
  const [{ url }] = propertyOf(table, 'device', 'links') as [{ url: string }];
  const [{ options }] = propertyOf(table, 'board', 'mappings') as [
    { options: Record<string, { text: string }> },
  ];

  const uids = new Set(boards.map(({ uid }) => uid));
  const number = '$' + '{__data.fields.board.text}';
  expect(url).toContain(`/d/fieldline-device-${number}?`);
  const led = Object.values(options).map(({ text }) => `fieldline-device-${text}`);
  expect(led).toHaveLength(profiles.size + 1);
  for (const uid of led) expect(uids).toContain(uid);

  // Each number of the query stands for a board; a profile that none is made for is 0.
  const query = table.targets?.find((target) => target.query.includes('"board"'))?.query ?? '';
  const asked = [...query.matchAll(/SELECT (\d+) \+ 0 \* last\("online"\).*?WHERE "profile" (=|!~) (\S+)/g)];
  expect(asked.map(([, at]) => at)).toEqual(Object.keys(options));
  expect(asked[0]?.[2]).toBe('!~');
  expect(options[0]?.text).toBe('default');
  for (const [, at = '', , name] of asked.slice(1)) {
    const title = boards.find(({ uid }) => uid === `fieldline-device-${options[at]?.text}`)?.title;
    const profile = profiles.get(name?.replaceAll("'", '') ?? '');
    expect(title).toContain(profile?.title);
  }
});
