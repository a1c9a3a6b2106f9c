import { useEffect } from 'preact/hooks';
import { missing as words } from '../strings/missing.js';
import { Empty } from './empty.js';
import { fleetHref } from './route.js';

/** For an address that leads nowhere: a link that was cut off, or is of another version. */
export function MissingPage() {
  useEffect(() => {
    document.title = `${words.title} · Fieldline`;
  }, []);
  return (
    <main id="main" tabIndex={-1} class="page">
      <Empty art="nothing" head={words.title} body={words.body}>
        <a class="btn" href={fleetHref()}>
          {words.go}
        </a>
      </Empty>
    </main>
  );
}
