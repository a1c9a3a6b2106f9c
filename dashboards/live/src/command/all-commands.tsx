import type { CommandView } from '@fieldline/protocol/browser';
import { useEffect, useMemo } from 'preact/hooks';
import * as hub from '../api/hub.js';
import { PagedPanel } from '../device/paged-panel.js';
import type { Fleet } from '../fleet/fleet.js';
import { useNames } from '../fleet/use-names.js';
import { num } from '../format/number.js';
import type { LiveSocket } from '../live/socket.js';
import { Empty } from '../shell/empty.js';
import { Icon, type IconName } from '../shell/icon.js';
import { replace } from '../shell/navigation.js';
import { commandsHref } from '../shell/route.js';
import { role } from '../shell/session.js';
import { commands as words } from '../strings/commands.js';
import { CommandLog } from './command-log.js';
import { CommandRow, type RowDevice } from './command-row.js';
import { GROUPS, type Group, groupOf } from './outcome.js';
import { may } from './permit.js';

const ALIVE = ['queued', 'sent', 'accepted'] as const;
const GROUP_LOOKS: Readonly<Record<Group, readonly [icon: IconName, look: string]>> = {
  way: ['busy', 'is-pending'],
  verified: ['verified', 'is-verified'],
  answered: ['ok', ''],
  contradicted: ['contradicted', 'is-contradicted'],
  unknown: ['unknown', 'is-unknown'],
  failed: ['failed', 'is-failed'],
};

interface AllCommandsProps {
  readonly socket: LiveSocket;
  readonly fleet: Fleet;
  readonly search: URLSearchParams;
}

/** The newest commands of all devices, counted by what became of them. */
export function AllCommands({ socket, fleet, search }: AllCommandsProps) {
  const log = useMemo(() => new CommandLog(socket, '*', { list: hub.commands, one: hub.command }), [socket]);
  useEffect(() => {
    log.open();
    // What is under way may be older than the first page.
    for (const state of ALIVE) {
      void hub.commands(undefined, state).then(
        ({ items }) => log.put(items),
        () => {},
      );
    }
    return () => log.close();
  }, [log]);
  const named = search.get('group');
  const group = GROUPS.find((each) => each === named);
  void fleet.changed.value;
  const items = log.items.value;
  useNames(fleet, items);
  const counts = countsOf(items);
  const shown = group ? items.filter((command) => groupOf(command) === group) : items;
  const mayCancel = may(role(), 'operator');
  const list = {
    items,
    state: log.state.value,
    reason: log.reason.value,
    more: log.more.value,
    next: () => void log.next(),
    again: () => void log.again(),
  };
  const choose = (next: Group | undefined) => replace(commandsHref(next && `group=${next}`));
  return (
    <>
      <section class="panel over">
        <fieldset class="counts wrapx" aria-label={words.page.filter}>
          <button type="button" aria-pressed={group === undefined} onClick={() => choose(undefined)}>
            <b>{num(items.length, 0)}</b>
            <Icon name="cmd" />
            <span class="sub">{words.page.all}</span>
          </button>
          {GROUPS.map((each) => {
            const [icon, look] = GROUP_LOOKS[each];
            return (
              <button key={each} type="button" aria-pressed={group === each} onClick={() => choose(each)}>
                <b>{num(counts[each], 0)}</b>
                <span class={`st ${counts[each] > 0 ? look : ''}`}>
                  <Icon name={icon} />
                </span>
                <span class="sub">{words.page.groups[each]}</span>
              </button>
            );
          })}
        </fieldset>
      </section>
      <PagedPanel
        title={words.page.recent}
        says={words.historySays}
        list={list}
        empty={shown.length === 0}
        whenEmpty={
          group ? (
            <Empty art="nothing" head={words.page.noneHead} body={words.page.noneBody} />
          ) : (
            <Empty art="calm" head={words.emptyHead} body={words.page.emptyBody} />
          )
        }
      >
        <ol class="cmds named">
          {shown.map((command) => (
            <CommandRow
              key={command.id}
              command={command}
              device={rowDevice(fleet, command.device)}
              named
              onAgain={null}
              onCancelled={mayCancel ? (changed) => log.put([changed]) : null}
            />
          ))}
        </ol>
      </PagedPanel>
    </>
  );
}

function countsOf(commands: readonly CommandView[]): Record<Group, number> {
  const counts = { way: 0, verified: 0, answered: 0, contradicted: 0, unknown: 0, failed: 0 };
  for (const command of commands) counts[groupOf(command)]++;
  return counts;
}

/** What the page knows of a device; connections are not followed here; one that is gone is called by its id. */
function rowDevice(fleet: Fleet, id: string): RowDevice {
  const device = fleet.devices.get(id);
  return {
    name: device?.name ?? id,
    profile: device?.view.profile ?? null,
    online: null,
  };
}
