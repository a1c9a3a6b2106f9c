import type { JobDeviceState, JobDeviceView, JobView } from '@fieldline/protocol/browser';
import { useCallback, useEffect, useState } from 'preact/hooks';
import * as hub from '../api/hub.js';
import { PagedPanel } from '../device/paged-panel.js';
import { usePaged } from '../device/use-paged.js';
import type { Fleet } from '../fleet/fleet.js';
import { num } from '../format/number.js';
import { Empty } from '../shell/empty.js';
import { deviceHref } from '../shell/route.js';
import { jobs as words } from '../strings/jobs.js';

/** Each device of a job and what became of it, all or those of one state. */
export function JobDevices({ job, fleet }: { job: JobView; fleet: Fleet }) {
  const [state, setState] = useState<JobDeviceState>();
  const { id, counts } = job;
  const list = usePaged(useCallback((cursor?: string) => hub.jobDevices(id, state, cursor), [id, state]));
  // What the job counts has changed: the list is asked for again, as long as nobody has read on in it.
  const standing = JSON.stringify([counts, job.verifications]);
  const isFirstPage = list.items.length <= PAGE;
  useEffect(() => {
    if (isFirstPage) list.again();
  }, [standing]);
  const present = words.deviceStates.filter((each) => counts[each] > 0 || each === state);
  return (
    <PagedPanel
      title={words.perDevice}
      says={words.perDeviceSays}
      list={list}
      empty={list.items.length === 0}
      whenEmpty={<Empty art="nothing" head={words.noneHead} body={words.noneBody} />}
      head={
        <fieldset class="row wrap chips-row" aria-label={words.filter}>
          {[undefined, ...present].map((each) => (
            <button
              key={each ?? ''}
              type="button"
              class="chip"
              aria-pressed={state === each}
              onClick={() => setState(each)}
            >
              {each === undefined ? words.every : words.deviceState(each)}
              <b>{num(each === undefined ? job.devices : counts[each], 0)}</b>
            </button>
          ))}
        </fieldset>
      }
    >
      <div class="scroll">
        <table class="tb fold">
          <thead>
            <tr>
              <th scope="col">{words.columns.device}</th>
              <th scope="col">{words.columns.state}</th>
              <th scope="col">{words.columns.proof}</th>
              <th scope="col">{words.columns.why}</th>
            </tr>
          </thead>
          <tbody>
            {list.items.map((each) => (
              <Row key={each.device} row={each} name={fleet.devices.get(each.device)?.name ?? each.device} />
            ))}
          </tbody>
        </table>
      </div>
    </PagedPanel>
  );
}

/** The hub gives so many at a time. */
const PAGE = 100;

const TROUBLE: readonly JobDeviceState[] = ['failed', 'rejected', 'expired', 'refused'];

function Row({ row, name }: { row: JobDeviceView; name: string }) {
  const { device, state, error, verification } = row;
  const look =
    state === 'timed_out'
      ? 'is-unknown'
      : TROUBLE.includes(state)
        ? 'is-failed'
        : state === 'succeeded'
          ? ''
          : 'sub';
  return (
    <tr>
      <td>
        <a href={`${deviceHref(device)}?tab=commands`}>{name}</a>
      </td>
      <td class={look}>{words.deviceState(state)}</td>
      <td class={verification === 'contradicted' ? 'is-alarm' : 'sub'} data-head={words.columns.proof}>
        {verification === null ? (state === 'succeeded' ? words.noProof : '') : words.proofs[verification]}
      </td>
      <td class="sub wide">
        {error !== null && (
          <>
            {error.message} <span class="mono small">{error.code}</span>
          </>
        )}
      </td>
    </tr>
  );
}
