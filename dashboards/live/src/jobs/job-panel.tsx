import type { JobView } from '@fieldline/protocol/browser';
import { useState } from 'preact/hooks';
import { paramText } from '../command/free-value.js';
import { may } from '../command/permit.js';
import { when } from '../format/time.js';
import { pulse } from '../live/pulse.js';
import { Icon } from '../shell/icon.js';
import { commandsHref } from '../shell/route.js';
import { role } from '../shell/session.js';
import { jobs as words } from '../strings/jobs.js';
import { isUnderWay } from './job-watch.js';
import { doneOf, failedPercent, PART_LOOKS, PARTS, partsOf, squaresOf } from './parts.js';
import { StopDialog } from './stop-dialog.js';

export const jobHref = (id: string): string => commandsHref(`tab=jobs&job=${id}`);

interface JobPanelProps {
  readonly job: JobView;
  /** It leads to the page of the job. */
  readonly linked: boolean;
  /** Takes the job in as the hub tells it after it was stopped. */
  readonly onChanged: (job: JobView) => void;
}

/** How far a group job is: a square for each device, and the same in figures. */
export function JobPanel({ job, linked, onChanged }: JobPanelProps) {
  const [stopping, setStopping] = useState(false);
  const { id, name, params, state, reason, devices, perSecond, abortAfterFailures } = job;
  const parts = partsOf(job);
  const mayStop = state === 'running' && isUnderWay(job) && may(role(), 'operator');
  const title = words.head(name, devices);
  return (
    <section class="panel job" aria-label={title}>
      <header>
        <h2>{linked ? <a href={jobHref(id)}>{title}</a> : title}</h2>
        <span class="sub small mono cut">{paramText(params)}</span>
        <span class="grow" />
        {state !== 'running' && (
          <span class={`badge ${state === 'aborted' ? 'is-failed' : 'is-plain'}`}>{words.state(state)}</span>
        )}
        {mayStop && (
          <button type="button" class="btn tiny" onClick={() => setStopping(true)}>
            {words.stop}
          </button>
        )}
      </header>
      <div class="pad stack job-body">
        <div class="row wrap job-parts">
          <b>{words.done(doneOf(job), devices)}</b>
          {PARTS.filter((part) => parts[part] > 0 && part !== 'waiting').map((part) => {
            const [icon, look] = PART_LOOKS[part];
            return (
              <span key={part} class={`st ${look}`}>
                <Icon name={icon} />
                {words.part(part, parts[part])}
              </span>
            );
          })}
          {parts.waiting > 0 && <span class="sub">{words.toGo(parts.waiting, perSecond)}</span>}
        </div>
        <Picture job={job} />
        {reason !== null && <p class="err">{reason.message}</p>}
        <p class="sub small">
          {state === 'running' &&
            (abortAfterFailures === null
              ? `${words.noLimit} `
              : `${words.limit(abortAfterFailures.percent, failedPercent(job))} `)}
          {words.by(job.by, when(job.createdAt, pulse.peek()))}
          {job.finishedAt !== null && ` ${words.ended(job.finishedAt)}`}
        </p>
      </div>
      {stopping && (
        <StopDialog
          job={job}
          onStopped={(stopped) => {
            setStopping(false);
            onChanged(stopped);
          }}
          onClose={() => setStopping(false)}
        />
      )}
    </section>
  );
}

function Picture({ job }: { job: JobView }) {
  const parts = partsOf(job);
  const { each, squares } = squaresOf(parts);
  const said = PARTS.filter((part) => parts[part] > 0).map((part) => words.part(part, parts[part]));
  return (
    <>
      <div class="jobs" role="img" aria-label={words.picture(said.join(', '))}>
        {squares.map((part, index) => (
          <i key={index} class={`p-${part}`} />
        ))}
      </div>
      {each > 1 && <p class="sub small">{words.scale(each)}</p>}
    </>
  );
}
