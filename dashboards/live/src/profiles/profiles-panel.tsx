import type { ProfileView } from '@fieldline/protocol/browser';
import { useCallback, useEffect, useState } from 'preact/hooks';
import * as hub from '../api/hub.js';
import { may } from '../command/permit.js';
import { Empty } from '../shell/empty.js';
import { Icon } from '../shell/icon.js';
import { Loading } from '../shell/loading.js';
import { replace } from '../shell/navigation.js';
import { systemHref } from '../shell/route.js';
import { role } from '../shell/session.js';
import { toast } from '../shell/toast.js';
import { profiles as words } from '../strings/profiles.js';
import { CheckPanel } from './check-panel.js';
import { ProfileSheet, type Retypable } from './profile-sheet.js';
import { RetypeDialog } from './retype-dialog.js';

/** The device profiles that are in use, one of them in full, and a place to check another. */
export function ProfilesPanel({ name }: { name: string | null }) {
  const [all, setAll] = useState<readonly ProfileView[]>();
  const [trouble, setTrouble] = useState('');
  const [retyping, setRetyping] = useState<Retypable>();
  const load = useCallback(async () => {
    setTrouble('');
    try {
      setAll(await hub.profiles());
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    }
  }, []);
  useEffect(() => void load(), [load]);
  const shown = all?.find(({ profile }) => profile === name) ?? all?.[0];
  const mayRetype = may(role(), 'admin');
  return (
    <>
      <section class="panel" aria-labelledby="profiles-head">
        <header>
          <h2 id="profiles-head">{words.title}</h2>
          <span class="sub small">{words.says}</span>
        </header>
        {trouble && (
          <div class="pad">
            <div class="note is-alarm" role="alert">
              <Icon name="failed" />
              <div>
                <b>{words.failedHead}</b> {trouble}
              </div>
              <button type="button" class="btn tiny" onClick={() => void load()}>
                {words.again}
              </button>
            </div>
          </div>
        )}
        {all === undefined && !trouble && <Loading rows={4} label={words.loading} />}
        {all?.length === 0 && <Empty art="nothing" head={words.emptyHead} body={words.emptyBody} />}
        {all && shown && (
          <>
            <fieldset class="row wrap chips-row" aria-label={words.choose}>
              {all.map(({ profile, title }) => (
                <button
                  key={profile}
                  type="button"
                  class="chip"
                  aria-pressed={profile === shown.profile}
                  title={title}
                  onClick={() => replace(systemHref(`tab=profiles&profile=${encodeURIComponent(profile)}`))}
                >
                  {profile}
                </button>
              ))}
            </fieldset>
            <div class="pad profile-head">
              <b>{shown.title ?? shown.profile}</b> <span class="sub mono">{shown.profile}</span>
              <span class="sub">
                {[
                  words.sum(Object.keys(shown.metrics).length, Object.keys(shown.commands ?? {}).length),
                  shown.interval && words.interval(shown.interval),
                  words.modes[shown.mode ?? 'learn'],
                ]
                  .filter(Boolean)
                  .join('; ')}
              </span>
            </div>
            <ProfileSheet profile={shown} onRetype={mayRetype ? setRetyping : null} />
          </>
        )}
      </section>
      {may(role(), 'operator') ? (
        <CheckPanel known={all?.map(({ profile }) => profile) ?? []} />
      ) : (
        <div class="note inset">
          <Icon name="lock" />
          <div>{words.check.needs}</div>
        </div>
      )}
      {retyping && shown && (
        <RetypeDialog
          profile={shown.profile}
          metric={retyping.metric}
          from={retyping.type}
          onDone={(type) => {
            toast(words.retype.done(retyping.metric, type), 'check');
            setRetyping(undefined);
            void load();
          }}
          onClose={() => setRetyping(undefined)}
        />
      )}
    </>
  );
}
