import type { DeviceLogLine } from '@fieldline/protocol/browser';
import { useCallback } from 'preact/hooks';
import * as hub from '../api/hub.js';
import { stamp, when } from '../format/time.js';
import { pulse } from '../live/pulse.js';
import { Empty } from '../shell/empty.js';
import { Icon } from '../shell/icon.js';
import { log as words } from '../strings.js';
import { PagedPanel } from './paged-panel.js';
import { usePaged } from './use-paged.js';

/** What the device says about itself: the lines of this minute live, the older ones from the hub. */
export function LogPanel({ id, live }: { id: string; live: readonly DeviceLogLine[] }) {
  const list = usePaged(useCallback((cursor?: string) => hub.deviceLog(id, cursor), [id]));
  const newest = list.items[0]?.at ?? 0;
  // The first page was asked for while lines went on to come: those that it holds are not shown twice.
  const lines = [...live.filter(({ at }) => at > newest), ...list.items];
  return (
    <PagedPanel
      title={words.title}
      says={words.says}
      list={list}
      empty={lines.length === 0}
      whenEmpty={<Empty art="calm" head={words.emptyHead} body={words.emptyBody} />}
    >
      <ul class="log">
        {lines.map((line, index) => (
          <li key={`${line.at} ${lines.length - index}`}>
            <time dateTime={new Date(line.at).toISOString()} title={stamp(line.at)}>
              {when(line.at, pulse.peek())}
            </time>
            <span class={line.level === 'error' ? 'is-alarm' : line.level === 'warn' ? 'is-warn' : 'sub'}>
              <Icon
                name={line.level === 'error' ? 'failed' : line.level === 'warn' ? 'warn' : 'info'}
                glyph
              />
            </span>
            <span class="b">
              {line.level}: {line.message}
            </span>
          </li>
        ))}
      </ul>
    </PagedPanel>
  );
}
