import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { may } from '../command/permit.js';
import type { Arrivals } from '../live/arrivals.js';
import { CopyButton } from '../shell/copy-button.js';
import { Empty } from '../shell/empty.js';
import { Icon } from '../shell/icon.js';
import { useKeys } from '../shell/keys.js';
import { Loading } from '../shell/loading.js';
import { replace } from '../shell/navigation.js';
import { usePageActions } from '../shell/page-actions.js';
import { connectHref, fleetHref } from '../shell/route.js';
import { role } from '../shell/session.js';
import { toast } from '../shell/toast.js';
import { fleet as words } from '../strings.js';
import { BulkBar } from './bulk-bar.js';
import { Counts } from './counts.js';
import { FilterBar } from './filter-bar.js';
import type { Fleet } from './fleet.js';
import { FleetTable } from './fleet-table.js';
import { FleetTiles } from './fleet-tiles.js';
import { type FleetView, filters, formatFleetView, parseFleetView, WHOLE_FLEET } from './fleet-url.js';
import { facetsOf } from './select.js';
import { Selection } from './selection.js';
import { useFleetList } from './use-fleet-list.js';

interface FleetPageProps {
  readonly fleet: Fleet;
  readonly search: URLSearchParams;
  readonly arrivals: Arrivals;
}

/** All devices: counted, filtered, sorted, as rows or tiles. */
export function FleetPage({ fleet, search, arrivals }: FleetPageProps) {
  const view = useMemo(() => parseFleetView(search), [search]);
  const setView = (next: FleetView) => replace(fleetHref(formatFleetView(next)));
  const list = useFleetList(fleet, view);
  const { members } = fleet;
  const facets = useMemo(() => facetsOf(fleet.devices.values()), [fleet, members]);
  const selection = useMemo(() => new Selection(), []);
  const searchBox = useRef<HTMLInputElement>(null);
  const [picking, setPicking] = useState(false);

  useEffect(() => {
    document.title = `${words.title} · Fieldline`;
    fleet.open();
    return () => fleet.close();
  }, [fleet]);
  useKeys({
    '/': (event) => {
      event.preventDefault();
      searchBox.current?.focus();
    },
    v: () => setView({ ...view, tiles: !view.tiles }),
  });
  usePageActions([
    { name: words.search, icon: 'search', keys: '/', run: () => searchBox.current?.focus() },
    {
      name: view.tiles ? words.asTable : words.asTiles,
      icon: view.tiles ? 'table' : 'tiles',
      keys: 'v',
      run: () => setView({ ...view, tiles: !view.tiles }),
    },
    { name: words.selectShown, icon: 'check', run: () => selection.toggleAll(list.order) },
  ]);

  const all = fleet.devices.size;
  const status = fleet.status.value;
  return (
    <main id="main" tabIndex={-1} class={`page flush full ${view.tiles || all === 0 ? 'is-tiles' : ''}`}>
      <div class="head">
        <h1>{words.title}</h1>
        {all > 0 && <span class="sub">{words.sum(list.order.length, all)}</span>}
        <span class="grow" />
        {all > 0 && !view.tiles && (
          <button
            type="button"
            class="btn narrow-only"
            aria-pressed={picking}
            onClick={() => {
              if (picking) selection.clear();
              setPicking(!picking);
            }}
          >
            {picking ? words.chosen : words.choose}
          </button>
        )}
        {all > 0 && <CopyLink />}
        {all > 0 && <ViewSwitch tiles={view.tiles} onTiles={(tiles) => setView({ ...view, tiles })} />}
        {may(role(), 'admin') && (
          <a class="btn main wide-only" href={connectHref()}>
            <Icon name="plus" />
            {words.connect}
          </a>
        )}
      </div>
      {status.kind === 'failed' && <Failed reason={status.reason} onRetry={() => void fleet.load()} />}
      {all === 0 && status.kind === 'loading' && (
        <section class="panel">
          <Loading rows={8} label={words.loading} />
        </section>
      )}
      {all === 0 && status.kind === 'ready' && <NoDevice />}
      {all > 0 && (
        <>
          <Counts
            counts={list.counts}
            alarmed={list.alarmed}
            alarmedOf={list.alarmedOf}
            arrivals={arrivals}
            chosen={view.state}
            onChoose={(state) => setView({ ...view, state })}
          />
          <FilterBar
            view={view}
            profiles={facets.profiles}
            tags={facets.tags}
            more={facets.more}
            searchBox={searchBox}
            onView={setView}
          />
          {list.order.length === 0 ? (
            <NoMatch
              all={all}
              view={view}
              onClear={() => setView({ ...WHOLE_FLEET, sort: view.sort, tiles: view.tiles })}
            />
          ) : view.tiles ? (
            <FleetTiles fleet={fleet} order={list.order} onTouch={list.touch} />
          ) : (
            <FleetTable
              fleet={fleet}
              rows={list.rows}
              order={list.order}
              selection={selection}
              tagged={facets.tagged}
              hasSignal={facets.hasSignal}
              picking={picking}
              onTouch={list.touch}
              onOutage={({ tag }) =>
                tag && setView({ ...view, state: 'offline', tags: { ...view.tags, [tag[0]]: tag[1] } })
              }
            />
          )}
          <BulkBar fleet={fleet} selection={selection} order={list.order} />
        </>
      )}
    </main>
  );
}

/** The address holds filter, sort and view: whoever gets it sees the same. */
function CopyLink() {
  if (!navigator.clipboard) return null;
  const copy = () =>
    navigator.clipboard.writeText(location.href).then(
      () => toast(words.linkCopied, 'link'),
      () => toast(words.linkNotCopied, 'failed'),
    );
  return (
    <button type="button" class="btn bare wide-only" onClick={() => void copy()}>
      <Icon name="link" />
      {words.copyLink}
    </button>
  );
}

function ViewSwitch({ tiles, onTiles }: { tiles: boolean; onTiles: (tiles: boolean) => void }) {
  return (
    <fieldset class="seg" aria-label={words.view}>
      <button type="button" aria-pressed={!tiles} onClick={() => onTiles(false)}>
        <Icon name="table" />
        {words.table}
      </button>
      <button type="button" aria-pressed={tiles} onClick={() => onTiles(true)}>
        <Icon name="tiles" />
        {words.tiles}
      </button>
    </fieldset>
  );
}

function NoDevice() {
  return (
    <section class="panel">
      <Empty art="waiting" head={words.emptyHead} body={words.emptyBody(location.host)}>
        <div class="row">
          {may(role(), 'admin') && (
            <a class="btn main" href={connectHref()}>
              <Icon name="plus" />
              {words.connect}
            </a>
          )}
          <CopyButton text={words.emptyCommand} label={words.emptyCommand} />
        </div>
      </Empty>
    </section>
  );
}

function NoMatch({ all, view, onClear }: { all: number; view: FleetView; onClear: () => void }) {
  return (
    <section class="panel">
      <Empty
        art="nothing"
        head={words.noMatchHead}
        body={words.noMatchBody(all, view.q, filters({ ...view, q: '' }))}
      >
        <div class="row">
          <button type="button" class="btn" onClick={onClear}>
            {words.clearFilters}
          </button>
        </div>
      </Empty>
    </section>
  );
}

function Failed({ reason, onRetry }: { reason: string; onRetry: () => void }) {
  return (
    <div class="note is-alarm" role="alert">
      <Icon name="failed" />
      <div>
        <b>{words.failedHead}</b>
        <p>{words.failedBody(reason)}</p>
      </div>
      <button type="button" class="btn tiny" onClick={onRetry}>
        <Icon name="retry" />
        {words.askAgain}
      </button>
    </div>
  );
}
