import { useCallback, useRef } from 'preact/hooks';
import * as hub from '../api/hub.js';
import { stamp, when } from '../format/time.js';
import type { LiveDevice } from '../live/device.js';
import { pulse } from '../live/pulse.js';
import { useDeviceShape } from '../live/use-device-shape.js';
import { Empty } from '../shell/empty.js';
import { Icon } from '../shell/icon.js';
import { NDJSON, saveFile } from '../shell/save-file.js';
import { quarantine as words } from '../strings.js';
import { PagedPanel } from './paged-panel.js';
import { type QuarantineRow, quarantineRows, reasonOf } from './quarantine-rows.js';
import { usePaged } from './use-paged.js';

/** Values that were kept out of the history, each with its reason and what can be done about it. */
export function QuarantinePanel({ device }: { device: LiveDevice }) {
  useDeviceShape(device);
  const { id } = device;
  const list = usePaged(useCallback((cursor?: string) => hub.quarantine(id, cursor), [id]));
  const { rejected } = device.view.counters;
  const seen = useRef(rejected);
  if (list.state === 'loading') seen.current = rejected;
  const fresh = rejected - seen.current;
  const save = () => {
    const lines = list.items.map((item) => `${JSON.stringify(item)}\n`).join('');
    saveFile(`${id}-quarantine.ndjson`, NDJSON, lines);
  };
  return (
    <PagedPanel
      title={words.title}
      says={words.says}
      side={
        <button
          type="button"
          class="btn tiny"
          title={words.saveHint}
          disabled={list.items.length === 0}
          onClick={save}
        >
          <Icon name="save" />
          {words.save}
        </button>
      }
      head={
        fresh > 0 && (
          <div class="note is-info flat">
            <Icon name="info" />
            <p>{words.fresh(fresh)}</p>
            <button type="button" class="btn tiny" onClick={list.again}>
              {words.show}
            </button>
          </div>
        )
      }
      list={list}
      empty={list.items.length === 0}
      whenEmpty={<Empty art="calm" head={words.emptyHead} body={words.emptyBody} />}
    >
      <div class="scroll">
        <table class="tb fold quarantine">
          <thead>
            <tr>
              <th scope="col">{words.columns.when}</th>
              <th scope="col">{words.columns.metric}</th>
              <th scope="col">{words.columns.value}</th>
              <th scope="col">{words.columns.why}</th>
              <th scope="col">{words.columns.advice}</th>
            </tr>
          </thead>
          <tbody>
            {quarantineRows(list.items).map((row, index) => (
              <Row key={index} row={row} />
            ))}
          </tbody>
        </table>
      </div>
    </PagedPanel>
  );
}

function Row({ row }: { row: QuarantineRow }) {
  const { item, count, frame, fault, advice } = row;
  return (
    <tr>
      <td class="sub nowrap">
        <time dateTime={new Date(item.time).toISOString()} title={stamp(item.time)}>
          {when(item.time, pulse.peek())}
        </time>
      </td>
      <td class={item.metric === null ? 'sub' : 'mono'}>{item.metric ?? words.wholeMessage}</td>
      <td class="mono value">
        {/* As JSON, so that "14" and 14 differ. */}
        {frame === null ? JSON.stringify(item.value) : words.bytes(new TextEncoder().encode(frame).length)}
      </td>
      <td class="wide">
        {reasonOf(row)} <span class="sub mono nowrap">{item.code}</span>
        {frame !== null && (
          <pre class="frame">
            {fault === null ? (
              frame
            ) : (
              <>
                {frame.slice(0, fault.at)}
                <mark>{frame.slice(fault.at, fault.at + fault.length)}</mark>
                {frame.slice(fault.at + fault.length)}
              </>
            )}
          </pre>
        )}
      </td>
      <td class="wide sub">
        {advice} {count > 1 && words.alike(count)}
      </td>
    </tr>
  );
}
