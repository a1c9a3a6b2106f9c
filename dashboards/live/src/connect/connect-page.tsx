import type { SessionView } from '@fieldline/protocol/browser';
import type { LiveSocket } from '../live/socket.js';
import { Empty } from '../shell/empty.js';
import { connect as words } from '../strings/connect.js';

interface ConnectPageProps {
  readonly socket: LiveSocket;
  readonly who: SessionView;
  readonly search: URLSearchParams;
}

/** The place of a new device. It says that it is empty as yet. */
export function ConnectPage(_props: ConnectPageProps) {
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
