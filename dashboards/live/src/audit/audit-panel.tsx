import type { AuditEntry } from '@fieldline/protocol/browser';
import { useCallback, useEffect, useState } from 'preact/hooks';
import * as hub from '../api/hub.js';
import { PagedPanel } from '../device/paged-panel.js';
import { usePaged } from '../device/use-paged.js';
import { stamp, when } from '../format/time.js';
import { pulse } from '../live/pulse.js';
import { Empty } from '../shell/empty.js';
import { Icon } from '../shell/icon.js';
import { audit as words } from '../strings/audit.js';

/** Typing is over after this pause. */
const PAUSE_MS = 300;

type Kind = keyof typeof words.kinds;

/** Who did what, newest first, by who, what and on. */
export function AuditPanel() {
  const [typed, setTyped] = useState({ actor: '', action: '', subject: '' });
  const [asked, setAsked] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(typed), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const list = usePaged(useCallback((cursor?: string) => hub.audit(asked, cursor), [asked]));
  return (
    <PagedPanel
      title={words.title}
      says={words.says}
      side={
        <a
          class="btn bare"
          href={hub.auditExportUrl(asked)}
          download="fieldline-audit.csv"
          title={words.csvHint}
        >
          <Icon name="save" />
          {words.csv}
        </a>
      }
      head={
        <fieldset class="row wrap audit-filter" aria-label={words.filter}>
          <label class="field">
            <span>{words.who}</span>
            <input
              class="in"
              type="search"
              placeholder={words.whoHint}
              value={typed.actor}
              onInput={(event) => setTyped({ ...typed, actor: event.currentTarget.value.trim() })}
            />
          </label>
          <label class="field">
            <span>{words.what}</span>
            <select
              class="in"
              value={typed.action}
              onChange={(event) => setTyped({ ...typed, action: event.currentTarget.value })}
            >
              <option value="">{words.anything}</option>
              {(Object.keys(words.kinds) as Kind[]).map((kind) => (
                <option key={kind} value={kind}>
                  {words.kinds[kind]}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            <span>{words.on}</span>
            <input
              class="in"
              type="search"
              placeholder={words.onHint}
              value={typed.subject}
              onInput={(event) => setTyped({ ...typed, subject: event.currentTarget.value.trim() })}
            />
          </label>
        </fieldset>
      }
      list={list}
      empty={list.items.length === 0}
      whenEmpty={<Empty art="nothing" head={words.emptyHead} body={words.emptyBody} />}
    >
      <div class="scroll">
        <table class="tb fold">
          <thead>
            <tr>
              {Object.values(words.columns).map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {list.items.map((entry) => (
              <Entry key={entry.id} entry={entry} />
            ))}
          </tbody>
        </table>
      </div>
    </PagedPanel>
  );
}

function Entry({ entry: { at, actor, action, subject, address, result, details } }: { entry: AuditEntry }) {
  const code = words.action(action) === action ? '' : action;
  return (
    <tr>
      <td class="sub nowrap">
        <time dateTime={new Date(at).toISOString()} title={stamp(at)}>
          {when(at, pulse.peek())}
        </time>
      </td>
      <td class="wrap-any">{actor}</td>
      <td class="wide">
        {words.action(action)} <span class="sub mono small">{code}</span>
        {isSaid(details) && <div class="sub mono small wrap-any">{JSON.stringify(details)}</div>}
      </td>
      <td class="wrap-any">{subject}</td>
      <td class="mono sub">{address ?? words.inside}</td>
      <td class={result === 'ok' ? 'sub' : 'is-warn'}>{result}</td>
    </tr>
  );
}

const isSaid = (details: unknown): boolean =>
  details !== null && details !== undefined && JSON.stringify(details) !== '{}';
