import type { ComponentChildren } from 'preact';
import { Icon } from '../shell/icon.js';
import { Loading } from '../shell/loading.js';
import { lists as words } from '../strings.js';
import type { Paged } from './use-paged.js';

interface PagedPanelProps {
  readonly title: string;
  readonly says: string;
  /** At the right of the head. */
  readonly side?: ComponentChildren;
  /** Above the list, whatever its state: what it is filtered by. */
  readonly head?: ComponentChildren;
  /** Below the list, whatever its state: what is added to it. */
  readonly foot?: ComponentChildren;
  readonly list: Paged<unknown>;
  /** True when there is nothing to show. */
  readonly empty: boolean;
  readonly whenEmpty: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A list with its states: on its way, failed, empty, and with more to come. */
export function PagedPanel({
  title,
  says,
  side,
  head,
  foot,
  list,
  empty,
  whenEmpty,
  children,
}: PagedPanelProps) {
  return (
    <section class="panel">
      <header>
        <h2>{title}</h2>
        <span class="sub small">{says}</span>
        {side && (
          <>
            <span class="grow" />
            {side}
          </>
        )}
      </header>
      {head}
      {list.state === 'failed' && (
        <div class="pad">
          <div class="note is-alarm" role="alert">
            <Icon name="failed" />
            <div>
              <b>{words.failedHead}</b>
              <p>{words.failedBody(list.reason)}</p>
            </div>
            <button type="button" class="btn tiny" onClick={list.again}>
              {words.askAgain}
            </button>
          </div>
        </div>
      )}
      {empty && list.state === 'loading' && <Loading rows={4} label={title} />}
      {empty && list.state === 'ready' && whenEmpty}
      {!empty && children}
      {list.more && (
        <footer>
          <button type="button" class="btn tiny" onClick={list.next}>
            {words.more}
          </button>
        </footer>
      )}
      {foot}
    </section>
  );
}
