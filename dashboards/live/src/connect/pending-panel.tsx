import type { EnrolmentView } from '@fieldline/protocol/browser';
import { useCallback, useEffect, useState } from 'preact/hooks';
import * as hub from '../api/connect.js';
import { PagedPanel } from '../device/paged-panel.js';
import { usePaged } from '../device/use-paged.js';
import { age } from '../format/age.js';
import { stamp } from '../format/time.js';
import { pulse } from '../live/pulse.js';
import { Empty } from '../shell/empty.js';
import { claims as words } from '../strings/claims.js';
import { claimTrouble } from './claim-trouble.js';

/** Newcomers are asked for this often while the panel is open. */
const ASK_MS = 5_000;

/** Devices that wait for an operator's word. */
export function PendingPanel() {
  const list = usePaged(useCallback((cursor?: string) => hub.pendingDevices(cursor), []));
  const [trouble, setTrouble] = useState('');
  const { again } = list;
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && again(), ASK_MS);
    return () => clearInterval(timer);
  }, [again]);
  const decide = async (work: Promise<unknown>) => {
    setTrouble('');
    await work.catch((error) => setTrouble(claimTrouble(error)));
    again();
  };
  return (
    <PagedPanel
      title={words.pending}
      says={words.pendingSays}
      list={list}
      empty={list.items.length === 0}
      whenEmpty={<Empty art="calm" head={words.noneHead} body={words.noneBody} />}
      foot={
        <div class="err" role="alert">
          {trouble}
        </div>
      }
    >
      <div class="scroll">
        <table class="tb fold">
          <thead>
            <tr>
              <th scope="col">{words.device}</th>
              <th scope="col">{words.profile}</th>
              <th scope="col">{words.address}</th>
              <th scope="col">{words.since}</th>
              <th scope="col">
                <span class="vh">{words.columns.act}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {list.items.map((each) => (
              <PendingRow key={each.id} pending={each} onDecide={(work) => void decide(work)} />
            ))}
          </tbody>
        </table>
      </div>
    </PagedPanel>
  );
}

interface PendingRowProps {
  readonly pending: EnrolmentView;
  readonly onDecide: (work: Promise<unknown>) => void;
}

function PendingRow({ pending, onDecide }: PendingRowProps) {
  const { id, name, hardwareId, device, profile, address, createdAt } = pending;
  const called = device === null ? (name ?? hardwareId ?? words.unnamed) : words.again(device);
  return (
    <tr>
      <td class="wrap-any">
        {called} {name !== null && hardwareId !== null && <span class="sub mono small">{hardwareId}</span>}
      </td>
      <td>{profile}</td>
      <td class="mono" data-head={words.address}>
        {address}
      </td>
      <td class="sub" data-head={words.since} title={stamp(createdAt)}>
        {words.ago(age(Math.max(1_000, pulse.peek() - createdAt)))}
      </td>
      <td class="end">
        <button
          type="button"
          class="btn tiny"
          aria-label={`${words.approve} ${called}`}
          onClick={() => onDecide(hub.approveDevice(id))}
        >
          {words.approve}
        </button>{' '}
        <button
          type="button"
          class="btn tiny bare"
          aria-label={`${words.refuse} ${called}`}
          onClick={() => onDecide(hub.rejectDevice(id))}
        >
          {words.refuse}
        </button>
      </td>
    </tr>
  );
}
