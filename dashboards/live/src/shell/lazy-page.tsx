import { type Signal, useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { shell as words } from '../strings.js';
import { Empty } from './empty.js';
import { focusPage } from './focus-page.js';
import { Loading } from './loading.js';
import { toast } from './toast.js';

type Arrival = 'waits' | 'here' | 'failed';

/** A part of the page that comes when it is first needed, so that the first view stays small. */
class LazyPart<Props> {
  readonly #load: () => Promise<ComponentType<Props>>;
  #component: ComponentType<Props> | undefined;

  constructor(load: () => Promise<ComponentType<Props>>) {
    this.#load = load;
  }

  get component(): ComponentType<Props> | undefined {
    return this.#component;
  }

  /** Follows the arrival from the first drawing of the calling component on. */
  useArrival(): Signal<Arrival> {
    const arrival = useSignal<Arrival>(this.#component ? 'here' : 'waits');
    useEffect(() => {
      if (this.#component) return;
      this.#load().then(
        (component) => {
          this.#component = component;
          arrival.value = 'here';
        },
        () => {
          arrival.value = 'failed';
        },
      );
    }, [arrival]);
    return arrival;
  }
}

/**
 * A page that comes when it is first needed. One that does not arrive is said, with a way on: after an upgrade the hub
 * no longer has the parts that the old page asks for.
 */
export function lazyPage<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  const part = new LazyPart(load);
  return function LazyPage(props: Props) {
    const arrival = part.useArrival().value;
    const Page = part.component;
    useEffect(() => void (arrival === 'here' && focusPage()), [arrival]);
    if (arrival === 'here' && Page) return <Page {...props} />;
    return (
      <main id="main" class="page" tabIndex={-1}>
        {arrival === 'waits' ? <Loading rows={6} label={words.pageComes} /> : <Missing />}
      </main>
    );
  };
}

/** A dialog that comes when it is first needed; nothing is on screen until then. */
export function lazyDialog<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  const part = new LazyPart(load);
  return function LazyDialog(props: Props) {
    const arrival = part.useArrival().value;
    useEffect(() => {
      if (arrival === 'failed') toast(`${words.pageMissingHead} ${words.pageMissingBody}`, 'failed');
    }, [arrival]);
    const Dialog = part.component;
    return arrival === 'here' && Dialog ? <Dialog {...props} /> : null;
  };
}

function Missing() {
  return (
    <div role="alert">
      <Empty art="waiting" head={words.pageMissingHead} body={words.pageMissingBody}>
        <div class="row">
          <button type="button" class="btn main" onClick={() => location.reload()}>
            {words.reload}
          </button>
        </div>
      </Empty>
    </div>
  );
}
