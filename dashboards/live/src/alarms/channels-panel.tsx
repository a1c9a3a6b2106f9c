import type { AlarmChannelView } from '@fieldline/protocol/browser';
import { useState } from 'preact/hooks';
import * as hub from '../api/alarms.js';
import { num } from '../format/number.js';
import { Empty } from '../shell/empty.js';
import { Icon } from '../shell/icon.js';
import { Loading } from '../shell/loading.js';
import { alarms as words } from '../strings/alarms.js';
import type { Channels } from './use-channels.js';

const ICONS = { webhook: 'hook', email: 'mail', mqtt: 'pulse' } as const;

/** Where alarms are told, and how each of these places stands. */
export function ChannelsPanel({ channels, mayTest }: { channels: Channels; mayTest: boolean }) {
  const { items, state, again } = channels;
  return (
    <section class="panel">
      <header>
        <h2>{words.channels.title}</h2>
        <span class="sub small">{words.channels.says}</span>
      </header>
      {state === 'loading' && <Loading rows={3} label={words.channels.title} />}
      {state === 'ready' && items.length === 0 && (
        <Empty art="waiting" head={words.channels.emptyHead} body={words.channels.emptyBody} />
      )}
      {items.map((channel) => (
        <ChannelRow key={channel.channel} channel={channel} mayTest={mayTest} onTested={again} />
      ))}
    </section>
  );
}

interface ChannelRowProps {
  readonly channel: AlarmChannelView;
  readonly mayTest: boolean;
  readonly onTested: () => void;
}

function ChannelRow({ channel, mayTest, onTested }: ChannelRowProps) {
  const { channel: name, target, error, sent, failed, owed, dropped, lastMs, perMinute } = channel;
  const [said, setSaid] = useState('');
  const [busy, setBusy] = useState(false);
  const test = () => {
    setBusy(true);
    void hub
      .testChannel(name)
      .then(
        ({ ms }) => setSaid(words.channels.tested(ms)),
        (trouble) => setSaid(trouble instanceof Error ? trouble.message : String(trouble)),
      )
      .then(() => {
        setBusy(false);
        onTested();
      });
  };
  const facts = [
    words.channels.sent(num(sent, 0), num(failed, 0)),
    ...(lastMs === null ? [] : [words.channels.took(lastMs)]),
    ...(perMinute === null ? [] : [words.channels.perMinute(perMinute)]),
    ...(owed === 0 ? [] : [words.channels.waits(owed)]),
    ...(dropped === 0 ? [] : [words.channels.dropped(dropped)]),
  ];
  return (
    <div class="ctl" data-channel={name}>
      <div>
        <h3>
          <Icon name={ICONS[name]} /> {words.trail.channel[name]}, <span class="mono">{target}</span>
        </h3>
        {error !== null && (
          <p class="err">
            <span class="is-failed">
              <Icon name="failed" glyph={true} />
            </span>{' '}
            {error}
          </p>
        )}
        <p class="sub">{facts.join(', ')}.</p>
        <p class="sub" role="status">
          {said}
        </p>
      </div>
      {name !== 'mqtt' && mayTest && (
        <button type="button" class="btn tiny" aria-busy={busy} onClick={() => !busy && test()}>
          {words.channels.test}
        </button>
      )}
    </div>
  );
}
