import type { CommandView, NewCommand } from '@fieldline/protocol/browser';
import { useMemo, useState } from 'preact/hooks';
import * as hub from '../api/hub.js';
import type { LiveDevice } from '../live/device.js';
import type { DeviceProfile } from '../live/profiles.js';
import { pulse } from '../live/pulse.js';
import { AskDialog } from '../shell/ask-dialog.js';
import { Icon } from '../shell/icon.js';
import { commands } from '../strings/commands.js';
import { answerMs, expectationOf, readingWords } from './expectation.js';
import { paramText } from './free-value.js';
import { reportedOf } from './reported.js';
import { newKey, Sending, type Sent } from './sending.js';
import { WAIT_MS, WAITS_MS } from './waits.js';
import type { Wish } from './wish.js';

const words = commands.ask;

interface SendDialogProps {
  readonly device: LiveDevice;
  readonly profile: DeviceProfile;
  readonly wish: Wish;
  readonly onTaken: (command: CommandView) => void;
  readonly onClose: () => void;
}

/** Names the device, the effect, what is reported now and what counts as proof; then sends. */
export function SendDialog({ device, profile, wish, onTaken, onClose }: SendDialogProps) {
  void device.changed.value;
  const now = pulse.value;
  const sending = useMemo(
    () => new Sending((body: NewCommand, key) => hub.sendCommand(device.id, body, key), newKey),
    [device.id],
  );
  const [busy, setBusy] = useState(false);
  const [waitMs, setWaitMs] = useState(WAIT_MS);
  const [sent, setSent] = useState<Sent<CommandView>>();
  // The hub may know better than the last status that was heard.
  const offline = !device.online || (sent?.kind === 'refused' && sent.code === 'device_offline');
  const asleep = !device.online && device.asleep;
  const expected = expectationOf(profile, wish);
  const reported = expected && reportedOf(device, expected.look.key, now);
  const given = paramText(wish.params);

  const go = async () => {
    setBusy(true);
    const { name, params } = wish;
    const outcome = await sending.try({ name, params, ...(offline && { queue: true, ttl: waitMs }) });
    setBusy(false);
    setSent(outcome);
    if (outcome.kind === 'taken') onTaken(outcome.taken);
  };

  return (
    <AskDialog
      head={words.head(device.name, wish.title, wish.name, wish.value)}
      cancel={words.cancel}
      go={
        busy
          ? words.busy
          : sent?.kind === 'unanswered'
            ? words.retry
            : offline
              ? words.queue
              : words.send(wish.title)
      }
      danger={wish.danger}
      busy={busy}
      onGo={() => void go()}
      onClose={onClose}
    >
      {wish.description && <p>{wish.description}</p>}
      {reported && expected && (
        <p>
          {(reported.old ? words.last : words.now)(
            commands.reported(readingWords(expected.look, reported.value), reported.agoMs),
          )}{' '}
          {!reported.old && reported.value === expected.value && words.already}
        </p>
      )}
      {wish.danger && <Notice kind="alarm">{words.danger}</Notice>}
      {wish.again && <Notice kind="warn">{words.again}</Notice>}
      {offline && (
        <div class="note is-warn">
          <Icon name={asleep ? 'asleep' : 'offline'} />
          <div>
            <b>{asleep ? words.asleepHead : words.offlineHead}</b> {words.offlineBody}
            <label class="field wait">
              <span>{words.waitAtMost}</span>
              <select
                class="in"
                value={String(waitMs)}
                onChange={(event) => setWaitMs(Number(event.currentTarget.value))}
              >
                {WAITS_MS.map((ms) => (
                  <option key={ms} value={String(ms)}>
                    {commands.ttl(ms)}
                  </option>
                ))}
              </select>
            </label>
          </div>
        </div>
      )}
      <dl class="facts">
        <dt>{words.device}</dt>
        <dd>
          {device.name}
          {device.name !== device.id && (
            <>
              , <span class="mono">{device.id}</span>
            </>
          )}
        </dd>
        <dt>{words.sends}</dt>
        <dd class="mono">{[wish.name, given].filter(Boolean).join(' ')}</dd>
        <dt>{words.waits}</dt>
        <dd>{words.waitsFor(answerMs(profile, wish.name))}</dd>
        <dt>{words.proof}</dt>
        <dd>
          {expected
            ? words.proofIs(readingWords(expected.look, expected.value), expected.withinMs)
            : wish.title === null && !profile.commands
              ? words.freeProof
              : words.noProof}
        </dd>
      </dl>
      <div role="alert">
        {sent?.kind === 'unanswered' && <Notice kind="warn">{words.unanswered}</Notice>}
        {sent?.kind === 'refused' && (
          <Notice kind="alarm">
            {words.refused(sent.code)}{' '}
            <span class="sub small">
              {sent.message} <span class="mono">{sent.code}</span>
            </span>
          </Notice>
        )}
      </div>
    </AskDialog>
  );
}

function Notice({ kind, children }: { kind: 'warn' | 'alarm'; children: preact.ComponentChildren }) {
  return (
    <div class={`note is-${kind}`}>
      <Icon name={kind === 'warn' ? 'warn' : 'failed'} />
      <div>{children}</div>
    </div>
  );
}
