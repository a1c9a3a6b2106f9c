import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { shell as words } from '../strings.js';
import { Empty } from './empty.js';
import { Loading } from './loading.js';

/**
 * A page that comes when it is first needed, so that the first view stays small. A part that does not arrive is said,
 * with a way on: after an upgrade the hub no longer has the parts that the old page asks for.
 */
export function lazyPage<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined;
  return function LazyPage(props: Props) {
    const state = useSignal<'waits' | 'here' | 'failed'>(loaded ? 'here' : 'waits');
    useEffect(() => {
      if (loaded) return;
      let gone = false;
      load().then(
        (page) => {
          loaded = page;
          if (!gone) state.value = 'here';
        },
        () => {
          if (!gone) state.value = 'failed';
        },
      );
      return () => {
        gone = true;
      };
    }, [state]);

    const Page = loaded;
    if (state.value === 'here' && Page) return <Page {...props} />;
    return (
      <main id="main" class="page" tabIndex={-1}>
        {state.value === 'waits' ? (
          <Loading rows={6} label={words.pageComes} />
        ) : (
          <div role="alert">
            <Empty art="waiting" head={words.pageMissingHead} body={words.pageMissingBody}>
              <div class="row">
                <button type="button" class="btn main" onClick={() => location.reload()}>
                  {words.reload}
                </button>
              </div>
            </Empty>
          </div>
        )}
      </main>
    );
  };
}
