import type { JobView } from '@fieldline/protocol/browser';
import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../api/client.js';
import * as hub from '../api/hub.js';
import { paramText } from '../command/free-value.js';
import { PagedPanel } from '../device/paged-panel.js';
import type { Fleet } from '../fleet/fleet.js';
import { when } from '../format/time.js';
import { pulse } from '../live/pulse.js';
import { Empty } from '../shell/empty.js';
import { Loading } from '../shell/loading.js';
import { commandsHref } from '../shell/route.js';
import { jobs as words } from '../strings/jobs.js';
import { JobDevices } from './job-devices.js';
import { JobPanel, jobHref } from './job-panel.js';
import type { JobWatch } from './job-watch.js';
import { doneOf, troubleOf } from './parts.js';

/** All group jobs, or one of them with each of its devices. */
export function JobsTab({ watch, fleet, id }: { watch: JobWatch; fleet: Fleet; id: string | null }) {
  return id === null ? <JobList watch={watch} /> : <OneJob key={id} watch={watch} fleet={fleet} id={id} />;
}

function JobList({ watch }: { watch: JobWatch }) {
  const jobs = watch.jobs.value;
  const list = {
    items: jobs,
    state: watch.state.value,
    reason: watch.reason.value,
    more: watch.more.value,
    next: () => void watch.next(),
    again: () => void watch.again(),
  };
  return (
    <PagedPanel
      title={words.title}
      says={words.says}
      list={list}
      empty={jobs.length === 0}
      whenEmpty={<Empty art="calm" head={words.emptyHead} body={words.emptyBody} />}
    >
      <div class="scroll">
        <table class="tb fold">
          <thead>
            <tr>
              <th scope="col">{words.listColumns.job}</th>
              <th scope="col">{words.listColumns.state}</th>
              <th scope="col">{words.listColumns.devices}</th>
              <th scope="col">{words.listColumns.by}</th>
              <th scope="col">{words.listColumns.started}</th>
            </tr>
          </thead>
          <tbody>
            {jobs.map((job) => (
              <tr key={job.id}>
                <td class="wide">
                  <a class="mono" href={jobHref(job.id)}>
                    {job.name}
                  </a>{' '}
                  <span class="sub mono small wrap-any">{paramText(job.params)}</span>
                </td>
                <td class={job.state === 'aborted' ? 'is-alarm' : ''}>{words.state(job.state)}</td>
                <td>
                  {words.done(doneOf(job), job.devices)}
                  <Trouble job={job} />
                </td>
                <td class="sub">{job.by}</td>
                <td class="sub">{when(job.createdAt, pulse.peek())}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </PagedPanel>
  );
}

/** That a job is done does not say that the devices did it. */
function Trouble({ job }: { job: JobView }) {
  const trouble = troubleOf(job);
  if (trouble.length === 0) return null;
  const look = trouble.some(({ part }) => part === 'contradicted' || part === 'failed') ? 'is-alarm' : 'sub';
  return <span class={look}>: {trouble.map(({ part, count }) => words.part(part, count)).join(', ')}</span>;
}

function OneJob({ watch, fleet, id }: { watch: JobWatch; fleet: Fleet; id: string }) {
  const watched = watch.jobs.value.find((job) => job.id === id);
  const [older, setOlder] = useState<JobView>();
  const [gone, setGone] = useState('');
  const isMissing = watched === undefined && watch.state.value !== 'loading';
  useEffect(() => {
    if (!isMissing) return;
    hub.job(id).then(setOlder, (error: unknown) => {
      const isGone = error instanceof ApiError && error.status === 404;
      setGone(isGone ? words.gone : error instanceof Error ? error.message : String(error));
    });
  }, [isMissing, id]);
  const job = watched ?? older;
  if (gone) {
    return (
      <section class="panel">
        <Empty art="nothing" head={words.title} body={gone}>
          <a class="btn" href={commandsHref('tab=jobs')}>
            {words.all}
          </a>
        </Empty>
      </section>
    );
  }
  if (!job) {
    return (
      <section class="panel">
        <Loading rows={3} label={words.loading} />
      </section>
    );
  }
  return (
    <>
      <div class="row inset">
        <a href={commandsHref('tab=jobs')}>{words.all}</a>
      </div>
      <JobPanel job={job} linked={false} onChanged={(changed) => watch.put(changed)} />
      <JobDevices job={job} fleet={fleet} />
    </>
  );
}
