import { useCallback } from 'preact/hooks';
import * as hub from '../api/hub.js';
import { PagedPanel } from '../device/paged-panel.js';
import { usePaged } from '../device/use-paged.js';
import { stamp, when } from '../format/time.js';
import { pulse } from '../live/pulse.js';
import { logIns as words } from '../strings/log-ins.js';
import { lastWords, PeopleTable } from './people-table.js';
import { RemoveButton } from './remove-button.js';

const { columns } = words;

/** The log-ins that go on: one's own, for an admin everybody's. The one of this browser ends by logging out. */
export function LogInsPanel() {
  const list = usePaged(useCallback((cursor?: string) => hub.logIns(cursor), []));
  return (
    <PagedPanel
      title={words.title}
      says={words.says}
      list={list}
      empty={list.items.length === 0}
      whenEmpty={null}
    >
      <PeopleTable heads={[columns.name, columns.role, columns.since, columns.used]}>
        {list.items.map(({ id, name, role, user, current, createdAt, lastUsedAt }) => (
          <tr key={id}>
            <td>
              {name} {!user && <span class="sub">{words.byToken}</span>}
            </td>
            <td>{role}</td>
            <td class="sub wide" data-head={columns.since} title={stamp(createdAt)}>
              {when(createdAt, pulse.peek())}
            </td>
            <td class="sub" data-head={columns.used}>
              {lastWords(lastUsedAt)}
            </td>
            <td class="end acts">
              {current ? (
                <span class="badge">{words.current}</span>
              ) : (
                <RemoveButton
                  name={name}
                  head={words.endHead(name)}
                  body={words.endBody}
                  short={words.end}
                  go={words.endGo}
                  remove={() => hub.endLogIn(id)}
                  onRemoved={list.again}
                />
              )}
            </td>
          </tr>
        ))}
      </PeopleTable>
    </PagedPanel>
  );
}
