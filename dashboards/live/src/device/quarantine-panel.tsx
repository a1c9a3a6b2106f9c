import type { QuarantineItem } from '@fieldline/protocol/browser';
import { useCallback } from 'preact/hooks';
import * as hub from '../api/hub.js';
import { stamp, when } from '../format/time.js';
import { pulse } from '../live/pulse.js';
import { Empty } from '../shell/empty.js';
import { quarantine as words } from '../strings.js';
import { PagedPanel } from './paged-panel.js';
import { usePaged } from './use-paged.js';

/** Values that were kept out of the history, each with its reason. */
export function QuarantinePanel({ id }: { id: string }) {
  const list = usePaged(useCallback((cursor?: string) => hub.quarantine(id, cursor), [id]));
  return (
    <PagedPanel
      title={words.title}
      says={words.says}
      list={list}
      empty={list.items.length === 0}
      whenEmpty={<Empty art="calm" head={words.emptyHead} body={words.emptyBody} />}
    >
      <div class="scroll">
        <table class="tb fold">
          <thead>
            <tr>
              <th scope="col">{words.columns.when}</th>
              <th scope="col">{words.columns.metric}</th>
              <th scope="col">{words.columns.value}</th>
              <th scope="col">{words.columns.why}</th>
            </tr>
          </thead>
          <tbody>
            {list.items.map((item, index) => (
              <tr key={index}>
                <td class="sub nowrap">
                  <time dateTime={new Date(item.time).toISOString()} title={stamp(item.time)}>
                    {when(item.time, pulse.peek())}
                  </time>
                </td>
                <td class={item.metric === null ? 'sub' : 'mono'}>{item.metric ?? words.wholeMessage}</td>
                <td class="mono value wide">{shown(item)}</td>
                <td class="wide">
                  {sentence(item.message)} <span class="sub mono">{item.code}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </PagedPanel>
  );
}

/** A value as JSON, so that "14" and 14 differ; a frame that was no JSON as it came. */
function shown({ metric, value }: QuarantineItem): string {
  return metric === null && typeof value === 'string' ? value : JSON.stringify(value);
}

/** The hub's reasons are phrases; in a table they read as sentences. */
function sentence(text: string): string {
  const head = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(head) ? head : `${head}.`;
}
