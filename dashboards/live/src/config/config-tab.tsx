import type { DeviceConfig } from '@fieldline/protocol/browser';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { type Field, fieldsOf } from '../command/field.js';
import { may } from '../command/permit.js';
import { ValueRows } from '../command/value-rows.js';
import { when } from '../format/time.js';
import type { LiveDevice } from '../live/device.js';
import { profiles } from '../live/profiles.js';
import { pulse } from '../live/pulse.js';
import { useDeviceShape } from '../live/use-device-shape.js';
import { Empty } from '../shell/empty.js';
import { Icon } from '../shell/icon.js';
import { Loading } from '../shell/loading.js';
import { role } from '../shell/session.js';
import { config as words } from '../strings/config.js';
import { ConfigRow } from './config-row.js';
import { ConflictNote } from './conflict-note.js';
import { conflictOf, type Draft, edited, freshDraft, isTouched, keysOf, rebased, wantedOf } from './draft.js';
import { SaveDialog } from './save-dialog.js';
import { type Config, configOf } from './settings.js';

/** While the device has not answered, its state is asked for this often. */
const WATCH_MS = 1_000;

interface ConfigTabProps {
  readonly device: LiveDevice;
  /** Asks the hub how the device is now. */
  readonly refresh: () => Promise<void>;
}

/** What the device shall run beside what it says it runs. */
export function ConfigTab({ device, refresh }: ConfigTabProps) {
  useDeviceShape(device);
  const { view, online } = device;
  const current = configOf(view.config);
  const profile = profiles.get(view.profile);
  const standing = profiles.standing(view.profile);
  const fields = useMemo(() => fieldsOf(profile.config), [profile]);
  const [kept, setDraft] = useState<Draft>(() => freshDraft(current));
  // Nothing typed: the editor follows what the hub says.
  const draft = isTouched(kept) ? kept : { ...freshDraft(current), added: kept.added };
  const [asking, setAsking] = useState(false);
  const [shown, setShown] = useState(false);
  const isPending = current.state === 'pending' && online;
  useEffect(() => {
    if (!isPending) return;
    const timer = setInterval(() => void refresh(), WATCH_MS);
    return () => clearInterval(timer);
  }, [isPending, refresh]);

  const typed = standing === 'known';
  const wanted = wantedOf(draft, fields, typed);
  const keys = keysOf(fields, draft.base);
  // The profile names no settings, and none was ever set.
  const isBare = typed && keys.length === 0;
  const conflict = conflictOf(draft, current);
  const mayEdit = may(role(), 'operator');
  const isFaulty = Object.keys(wanted.faults).length > 0 || wanted.rowFaults.size > 0;
  const change = (next: Draft) => {
    setShown(false);
    setDraft(next);
  };
  const save = () => {
    setShown(true);
    if (isFaulty) return;
    if (wanted.changed.length > 0) setAsking(true);
  };
  const saved = (config: DeviceConfig) => {
    setAsking(false);
    setDraft(freshDraft(configOf(config)));
    device.refresh({ ...device.view, config });
  };
  const fieldOf = (key: string): Field | undefined => fields.find(({ name }) => name === key);

  return (
    <section class="panel">
      <header>
        <h2>{words.title}</h2>
        <span class="sub small">{sum(current, online)}</span>
        <span class="grow" />
        {mayEdit && !isBare && (
          <button
            type="button"
            class={`btn ${isTouched(draft) && !conflict ? 'main' : ''}`}
            aria-disabled={!isTouched(draft) || conflict !== null}
            onClick={() => isTouched(draft) && conflict === null && save()}
          >
            {isTouched(draft) ? words.save : words.nothing}
          </button>
        )}
      </header>
      <div role="status">
        {conflict && (
          <ConflictNote
            current={current}
            foreign={conflict}
            draft={draft}
            fieldOf={fieldOf}
            onKeep={() => change(rebased(draft, current, fields))}
            onTake={() => change(freshDraft(current))}
          />
        )}
        {current.state === 'rejected' && <Refused config={current} />}
        {current.version > 0 && view.caps !== null && !view.caps.includes('config') && (
          <div class="note flat is-warn">
            <Icon name="info" />
            <div>{words.noCap}</div>
          </div>
        )}
        {!mayEdit && (
          <div class="note flat">
            <Icon name="lock" />
            <div>{words.viewer}</div>
          </div>
        )}
      </div>
      {standing === 'unknown' && <Loading rows={3} label={words.loading} />}
      {standing === 'none' && keys.length === 0 && draft.added.length === 0 && (
        <Empty art="nothing" head={words.emptyHead} body={words.emptyBody} />
      )}
      {isBare && <Empty art="nothing" head={words.noKeysHead} body={words.noKeysBody(view.profile ?? '')} />}
      {keys.length > 0 && standing !== 'unknown' && (
        <div class="diff">
          <span class="h">{words.setting}</span>
          <span class="h">{words.desired}</span>
          <span class="h">{words.reportedHead}</span>
          <span class="h">{words.stateHead}</span>
          {keys.map((key) => (
            <ConfigRow
              key={key}
              name={key}
              field={fieldOf(key)}
              typed={typed}
              // What was not touched is shown as it is now, whoever set it.
              draft={conflict ? { ...draft, base: current } : draft}
              current={current}
              online={online}
              mayEdit={mayEdit}
              fault={wanted.faults[key]}
              onText={(text) => change(edited(draft, key, fieldOf(key), text))}
            />
          ))}
        </div>
      )}
      {standing === 'none' && mayEdit && (
        <div class="pad">
          <ValueRows
            rows={draft.added}
            faults={shown ? wanted.rowFaults : new Map()}
            onRows={(added) => change({ ...draft, added })}
          />
        </div>
      )}
      {((mayEdit && !isBare) || current.reportedAt !== undefined) && (
        <footer>
          {mayEdit && !isBare && <span>{words.footer}</span>}
          <span class="grow" />
          <span>{reportedSum(current)}</span>
        </footer>
      )}
      {asking && (
        <SaveDialog
          device={device}
          draft={draft}
          wanted={wanted}
          fieldOf={fieldOf}
          onSaved={saved}
          onStale={() => {
            setAsking(false);
            void refresh();
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  );
}

function sum({ version, state, by, at }: Config, online: boolean): string {
  if (version === 0) return words.says.none;
  const how = state === 'pending' && !online ? words.state.waiting : words.state[state];
  const who = by === undefined || at === undefined ? '' : words.says.by(by, when(at, pulse.peek()));
  return [`${words.says.version(version)}, ${how}`, who].filter(Boolean).join('; ');
}

/** What version the device runs, by its own word. */
function reportedSum({ reportedVersion, reportedAt }: Config): string {
  if (reportedAt === undefined) return '';
  const at = when(reportedAt, pulse.peek());
  return reportedVersion === undefined ? words.reportedAt(at) : words.reportedVersion(reportedVersion, at);
}

function Refused({ config: { version, code, message } }: { config: Config }) {
  return (
    <div class="note flat is-alarm">
      <Icon name="failed" />
      <div>
        <b>{[words.refusedHead(version), message].filter(Boolean).join(': ')}</b>
        <p>
          {words.refusedBody} {code && <span class="mono">{code}</span>}
        </p>
      </div>
    </div>
  );
}
