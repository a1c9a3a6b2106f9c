import type { DeviceLogLine } from '@fieldline/protocol/browser';
import { useCallback, useState } from 'preact/hooks';
import * as hub from '../api/hub.js';
import { stamp, when } from '../format/time.js';
import { pulse } from '../live/pulse.js';
import { Empty } from '../shell/empty.js';
import { Icon, type IconName } from '../shell/icon.js';
import { log as words } from '../strings.js';
import type { Connections } from './connections.js';
import { isWarning, logLines, type ShownLine } from './log-lines.js';
import { PagedPanel } from './paged-panel.js';
import { usePaged } from './use-paged.js';

interface LogPanelProps {
  readonly id: string;
  readonly live: readonly DeviceLogLine[];
  readonly connections: Connections;
}

/** What the device says about itself, and the hub about its connection: live, and the older lines from the hub. */
export function LogPanel({ id, live, connections }: LogPanelProps) {
  const list = usePaged(useCallback((cursor?: string) => hub.deviceLog(id, cursor), [id]));
  const [onlyWarnings, setOnlyWarnings] = useState(false);
  const newest = list.items[0]?.at ?? 0;
  // The first page was asked for while lines went on to come: those that it holds are not shown twice.
  const own = [...live.filter(({ at }) => at > newest), ...list.items];
  const since = list.more ? (own.at(-1)?.at ?? 0) : 0;
  const lines = logLines(own, connections.events.value, since);
  const warnings = lines.filter(isWarning);
  const shown = onlyWarnings ? warnings : lines;
  return (
    <PagedPanel
      title={words.title}
      says={words.says}
      side={
        <fieldset class="seg" aria-label={words.filter}>
          <button type="button" aria-pressed={!onlyWarnings} onClick={() => setOnlyWarnings(false)}>
            {words.all}
          </button>
          <button type="button" aria-pressed={onlyWarnings} onClick={() => setOnlyWarnings(true)}>
            {words.warnings(warnings.length)}
          </button>
        </fieldset>
      }
      list={list}
      empty={lines.length === 0}
      whenEmpty={<Empty art="calm" head={words.emptyHead} body={words.emptyBody} />}
    >
      <ul class="log">
        {shown.map((line, index) => (
          <Line key={`${line.at} ${shown.length - index}`} line={line} />
        ))}
      </ul>
      {shown.length === 0 && <p class="pad sub">{words.noWarning}</p>}
    </PagedPanel>
  );
}

const GLYPHS: Readonly<Record<string, readonly [IconName, string]>> = {
  error: ['failed', 'is-alarm'],
  warn: ['warn', 'is-warn'],
};

function Line({ line: { at, level, text, isHub } }: { line: ShownLine }) {
  const [icon, tone] = GLYPHS[level] ?? [isHub ? 'link' : 'info', 'sub'];
  return (
    <li>
      <time dateTime={new Date(at).toISOString()} title={stamp(at)}>
        {when(at, pulse.peek())}
      </time>
      <span class={tone}>
        <Icon name={icon} glyph />
      </span>
      <span class="b">{text}</span>
    </li>
  );
}
