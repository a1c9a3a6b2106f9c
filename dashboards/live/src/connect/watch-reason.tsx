import type { AttemptView } from '@fieldline/protocol/browser';
import { watch as words } from '../strings/watch.js';
import { faultIn, type Standing } from './watch.js';

/** What to do about what keeps a device: what it sent beside what it should send. */
export function Reason({ standing, id }: { standing: Standing; id: string }) {
  if (standing.kind === 'malformed') {
    const [before, fault, after] = faultIn(String(standing.item.value));
    return (
      <div class="pad stack tight">
        <pre class="frame">
          {before}
          <mark>{fault}</mark>
          {after}
        </pre>
        <p>{/nan|inf/i.test(fault) ? words.nan : words.noJson}</p>
      </div>
    );
  }
  if (standing.kind === 'rejected') {
    return (
      <div class="pad stack tight">
        <pre class="frame">{JSON.stringify(standing.item.value)}</pre>
        <p>{words.fixes.refused}</p>
      </div>
    );
  }
  return standing.kind === 'refused' ? <AttemptReason attempt={standing.attempt} id={id} /> : null;
}

function AttemptReason({ attempt, id }: { attempt: AttemptView; id: string }) {
  const { kind, device, detail, message } = attempt;
  const right = rightWay(attempt, id);
  return (
    <div class="pad stack tight">
      {device !== null && device !== id && <p>{words.otherName(device, id)}</p>}
      <p>{words.fixes[kind]}</p>
      {right !== null && (
        <pre class="frame">
          <mark>{detail}</mark>
          {'\n'}
          <b>{right}</b>
        </pre>
      )}
      {kind === 'malformed' && <p class="sub small wrap-any">{message}</p>}
      {kind === 'bad_token' && <p class="sub">{words.limit}</p>}
    </div>
  );
}

/** Where it should have gone; null where that is not the trouble. */
function rightWay({ kind, via }: AttemptView, id: string): string | null {
  if (kind === 'wrong_topic') return `…/ingest/${id}`;
  if (kind !== 'wrong_path') return null;
  return via === 'http' ? `/api/v1/ingest/${id}` : '/ws/v1/device';
}
