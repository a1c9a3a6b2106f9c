import type { SessionView } from '@fieldline/protocol/browser';
import type { Fleet } from '../fleet/fleet.js';
import type { LiveSocket } from '../live/socket.js';
import { Empty } from '../shell/empty.js';
import { alarms as words } from '../strings/alarms.js';

interface AlarmsPageProps {
  readonly socket: LiveSocket;
  readonly fleet: Fleet;
  readonly who: SessionView;
  readonly search: URLSearchParams;
}

/** The place of alarms. It says that it is empty as yet. */
export function AlarmsPage(_props: AlarmsPageProps) {
  return (
    <main id="main" tabIndex={-1} class="page flush">
      <div class="head">
        <h1>{words.title}</h1>
      </div>
      <section class="panel" aria-label={words.title}>
        <Empty art="calm" head={words.emptyHead} body={words.emptyBody} />
      </section>
    </main>
  );
}
