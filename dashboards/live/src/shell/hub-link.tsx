import { num } from '../format/number.js';
import type { Arrivals } from '../live/arrivals.js';
import { pulse } from '../live/pulse.js';
import type { LiveSocket } from '../live/socket.js';
import { shell, link as words } from '../strings.js';
import { behind } from './lag.js';
import { toast } from './toast.js';

interface HubLinkProps {
  readonly socket: LiveSocket;
  readonly openedAt: number;
  readonly arrivals: Arrivals;
}

/** The state of the link to the hub: a disc, a dashed ring with the seconds to the next try, or a square. */
export function HubLink({ socket, openedAt, arrivals }: HubLinkProps) {
  const link = socket.link.value;
  if (link.state === 'live') {
    const missed = socket.missed.value;
    const perSecond = arrivals.samples.value.at(-1)?.readings;
    const says = () => {
      const since = missed?.to ?? openedAt;
      toast(words.liveSays(Math.max(1000, pulse.peek() - link.since), words.nothingMissed(since)));
    };
    return (
      <button type="button" class="hub" data-state={behind.value ? 'behind' : 'live'} onClick={says}>
        <i />
        <span>{behind.value ? words.behind : words.live}</span>
        {perSecond !== undefined && (
          <span class="num sub" title={shell.perSecondSays}>
            {shell.perSecond(num(perSecond, 0))}
          </span>
        )}
      </button>
    );
  }
  const waitMs = link.state === 'retry' ? link.nextTryAt - pulse.value : 0;
  return (
    <button type="button" class="hub" data-state="retry" title={words.tryNow} onClick={() => socket.tryNow()}>
      <i />
      <span>{link.state === 'retry' ? words.retry(waitMs) : words.connecting}</span>
    </button>
  );
}
