import type { JobView, NewJob } from '@fieldline/protocol/browser';
import { useId, useMemo, useRef, useState } from 'preact/hooks';
import * as hub from '../api/hub.js';
import { expectationOf, readingWords } from '../command/expectation.js';
import { fieldsOf, valueWords } from '../command/field.js';
import { paramText } from '../command/free-value.js';
import { newKey, Sending, type Sent } from '../command/sending.js';
import { duration } from '../format/age.js';
import { AskDialog } from '../shell/ask-dialog.js';
import { Icon } from '../shell/icon.js';
import { commands } from '../strings/commands.js';
import { jobs } from '../strings/jobs.js';
import type { Order } from './order.js';
import type { Sorted, Target } from './targets.js';

const words = jobs.ask;
/** How many devices the question names. */
const NAMED = 4;

interface StartDialogProps {
  readonly order: Order;
  readonly sorted: Sorted<Target>;
  /** How long commands wait for devices that are offline, ms; null where those are left out. */
  readonly waitMs: number | null;
  readonly onStarted: (job: JobView) => void;
  readonly onClose: () => void;
}

/** Names the effect, the devices, the pace and the proof; whoever goes on types how many devices it is. */
export function StartDialog({ order, sorted, waitMs, onStarted, onClose }: StartDialogProps) {
  const { name, document, params, perSecond, abortPercent } = order;
  const { going, offline } = sorted;
  const id = useId();
  const box = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const [isWrong, setWrong] = useState(false);
  const [busy, setBusy] = useState(false);
  const [sent, setSent] = useState<Sent<JobView>>();
  const sending = useMemo(() => new Sending((body: NewJob, key) => hub.startJob(body, key), newKey), []);
  const title = document?.title ?? null;
  const count = going.length;
  const [only, ...others] = fieldsOf(document?.params);
  const given = only && others.length === 0 ? params[only.name] : undefined;
  const value = only && given !== undefined ? valueWords(only, given) : '';
  const expected =
    document && expectationOf({ metrics: {}, commands: { [name]: document } }, { name, params });

  const go = async () => {
    if (Number(typed.replaceAll(/[\s.,]/g, '')) !== count) {
      setWrong(true);
      box.current?.focus();
      return;
    }
    setBusy(true);
    const outcome = await sending.try({
      devices: going.map((device) => device.id),
      ...{ name, params, perSecond },
      ...(waitMs !== null && { queue: true, ttl: waitMs }),
      ...(abortPercent !== null && { abortAfterFailures: { percent: abortPercent } }),
      // A profile may change between the question and the answer.
      skipUnable: true,
    });
    setBusy(false);
    setSent(outcome);
    if (outcome.kind === 'taken') onStarted(outcome.taken);
  };

  return (
    <AskDialog
      head={commands.ask.head(jobs.devices(count), title, name, value)}
      cancel={words.cancel}
      go={busy ? words.busy : words.go(count)}
      danger
      busy={busy}
      onGo={() => void go()}
      onClose={onClose}
    >
      {document?.description && <p>{document.description}</p>}
      <p>
        {words.body(count, perSecond)} {abortPercent === null ? words.never : words.aborts(abortPercent)}
      </p>
      {offline > 0 && (
        <div class="note is-warn">
          <Icon name="offline" />
          <div>
            {waitMs === null ? (
              <>
                <b>{words.left(offline)}</b>
                <p>{words.leftHow}</p>
              </>
            ) : (
              words.waits(offline, duration(waitMs))
            )}
          </div>
        </div>
      )}
      <dl class="facts">
        <dt>{words.sends}</dt>
        <dd class="mono wrap-any">{[name, paramText(params)].filter(Boolean).join(' ')}</dd>
        <dt>{words.to}</dt>
        <dd>
          {words.toSome(
            going
              .slice(0, NAMED)
              .map((device) => device.name)
              .join(', '),
            count - NAMED,
          )}
        </dd>
        <dt>{words.proof}</dt>
        <dd>
          {expected
            ? words.proofIs(readingWords(expected.look, expected.value), duration(expected.withinMs))
            : words.noProof}
        </dd>
      </dl>
      <label class="field type-number" for={id}>
        <span>{words.type(count)}</span>
        <input
          class="in"
          id={id}
          ref={box}
          value={typed}
          inputMode="numeric"
          autocomplete="off"
          aria-invalid={isWrong}
          aria-describedby={isWrong ? `${id}-fault` : undefined}
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            setWrong(false);
          }}
          onKeyDown={(event) => event.key === 'Enter' && !busy && void go()}
        />
        {isWrong && (
          <span class="err" id={`${id}-fault`} role="alert">
            {words.typeFault(count)}
          </span>
        )}
      </label>
      <div role="alert">
        {sent?.kind === 'unanswered' && (
          <div class="note is-warn">
            <Icon name="warn" />
            <div>{words.unanswered}</div>
          </div>
        )}
        {sent?.kind === 'refused' && (
          <div class="note is-alarm">
            <Icon name="failed" />
            <div>
              {words.refused}{' '}
              <span class="sub small">
                {sent.message} <span class="mono">{sent.code}</span>
              </span>
            </div>
          </div>
        )}
      </div>
    </AskDialog>
  );
}
