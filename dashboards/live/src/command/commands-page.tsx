import { useEffect, useMemo } from 'preact/hooks';
import * as hub from '../api/hub.js';
import type { Fleet } from '../fleet/fleet.js';
import { num } from '../format/number.js';
import { NEW_JOB } from '../jobs/chosen.js';
import { JobForm } from '../jobs/job-form.js';
import { JobPanel, jobHref } from '../jobs/job-panel.js';
import { isUnderWay, JobWatch } from '../jobs/job-watch.js';
import { JobsTab } from '../jobs/jobs-tab.js';
import type { LiveSocket } from '../live/socket.js';
import { Icon } from '../shell/icon.js';
import { go, replace } from '../shell/navigation.js';
import { commandsHref } from '../shell/route.js';
import { role } from '../shell/session.js';
import { Tabs } from '../shell/tabs.js';
import { commands as words } from '../strings/commands.js';
import { jobs as jobWords } from '../strings/jobs.js';
import { AllCommands } from './all-commands.js';
import { may } from './permit.js';

interface CommandsPageProps {
  readonly socket: LiveSocket;
  readonly fleet: Fleet;
  readonly search: URLSearchParams;
}

const TABS = ['commands', 'jobs'] as const;

/** Commands of all devices: what is under way, how the newest have ended, and what was sent to many. */
export function CommandsPage({ socket, fleet, search }: CommandsPageProps) {
  const watch = useMemo(() => new JobWatch(hub), []);
  useEffect(() => {
    document.title = `${words.title} · Fieldline`;
    watch.open();
    // Names and profiles of devices; the fleet's page has them already.
    if (fleet.devices.size === 0) void fleet.load();
    return () => watch.close();
  }, [watch, fleet]);
  const mayStart = may(role(), 'operator');
  const tab = search.get('tab') === 'jobs' ? 'jobs' : 'commands';
  const isNew = tab === 'jobs' && search.has('new') && mayStart;
  const underWay = watch.jobs.value.filter(isUnderWay);
  return (
    <main id="main" tabIndex={-1} class="page flush narrow">
      <div class="head">
        <h1>{words.title}</h1>
        <span class="grow" />
        {mayStart ? (
          !isNew && (
            <a class="btn main" href={commandsHref(NEW_JOB)}>
              <Icon name="cmd" />
              {jobWords.start}
            </a>
          )
        ) : (
          <span class="locked" title={jobWords.needsRole}>
            <Icon name="lock" />
            {words.needs('operator')}
          </span>
        )}
      </div>
      <Tabs
        label={words.title}
        tabs={TABS}
        names={jobWords.tabs}
        tab={tab}
        notes={underWay.length > 0 ? { jobs: num(underWay.length, 0) } : {}}
        onTab={(next) => replace(commandsHref(next === 'jobs' ? 'tab=jobs' : ''))}
      />
      <div class="stack" role="tabpanel" id={`panel-${tab}`} aria-labelledby={`tab-${tab}`}>
        {isNew && (
          <JobForm
            fleet={fleet}
            onStarted={(job) => {
              watch.put(job);
              go(jobHref(job.id));
            }}
          />
        )}
        {tab === 'jobs' && !isNew && <JobsTab watch={watch} fleet={fleet} id={search.get('job')} />}
        {tab === 'commands' &&
          underWay.map((job) => (
            <JobPanel key={job.id} job={job} linked onChanged={(changed) => watch.put(changed)} />
          ))}
        {tab === 'commands' && <AllCommands socket={socket} fleet={fleet} search={search} />}
      </div>
    </main>
  );
}
