import type { AlarmView } from '@fieldline/protocol/browser';
import { useCallback, useEffect } from 'preact/hooks';
import * as hub from '../api/alarms.js';
import { PagedPanel } from '../device/paged-panel.js';
import { usePaged } from '../device/use-paged.js';
import type { Fleet } from '../fleet/fleet.js';
import { useNames } from '../fleet/use-names.js';
import { duration } from '../format/age.js';
import { figure } from '../format/metric.js';
import { stamp, when } from '../format/time.js';
import type { LiveDevice } from '../live/device.js';
import { pulse } from '../live/pulse.js';
import { Empty } from '../shell/empty.js';
import { Icon } from '../shell/icon.js';
import { deviceHref } from '../shell/route.js';
import { alarms as words } from '../strings/alarms.js';
import type { AlarmWatch } from './alarm-watch.js';
import { lookIn, whatWords } from './alarm-words.js';

/** Alarms that are over, newest first; those that were over before anybody could know are marked. */
export function PastPanel({ alarms, fleet }: { alarms: AlarmWatch; fleet: Fleet }) {
  const list = usePaged(useCallback((cursor?: string) => hub.alarms('cleared', cursor), []));
  const changes = alarms.changes.value;
  useNames(fleet, list.items);
  void fleet.changed.value;
  // An alarm may just have become a part of this list.
  useEffect(() => {
    if (list.state === 'ready') list.again();
  }, [changes]);
  return (
    <PagedPanel
      title={words.past.title}
      says={words.past.says}
      list={list}
      empty={list.items.length === 0}
      whenEmpty={<Empty art="calm" head={words.past.emptyHead} body={words.past.emptyBody} />}
    >
      <table class="tb al past" aria-label={words.past.title}>
        <thead>
          <tr>
            <th>
              <span class="vh">{words.past.columns.level}</span>
            </th>
            <th>{words.past.columns.what}</th>
            <th class="n">{words.past.columns.worst}</th>
            <th>{words.past.columns.when}</th>
            <th>{words.past.columns.seen}</th>
          </tr>
        </thead>
        <tbody>
          {list.items.map((alarm) => (
            <PastRow key={alarm.id} alarm={alarm} device={fleet.devices.get(alarm.device)} />
          ))}
        </tbody>
      </table>
    </PagedPanel>
  );
}

function PastRow({ alarm, device }: { alarm: AlarmView; device: LiveDevice | undefined }) {
  const look = lookIn(device?.view.profile ?? null, alarm.metric);
  const worst = look === null || alarm.worst === null ? null : figure(look, alarm.worst);
  const from = alarm.raisedAt ?? alarm.since;
  const to = alarm.clearedAt ?? from;
  const end = alarm.end === null ? '' : words.trail.ends[alarm.end];
  return (
    <tr data-alarm={alarm.id}>
      <td>
        <span class="is-past" title={words.level[alarm.level]}>
          <Icon name={alarm.level} glyph={true} />
          <span class="vh">{words.level[alarm.level]}</span>
        </span>
      </td>
      <td>
        <span>{whatWords(alarm.limit, look)}</span>{' '}
        {alarm.past && <span class="badge is-past">{words.past.offline}</span>}
        <div class="sub">
          <a href={deviceHref(alarm.device)}>{device?.name ?? alarm.device}</a>{' '}
          <span class="mono small">{alarm.device}</span> {end}
          {alarm.past && ` ${words.past.cameLate(stamp(alarm.clearedSeenAt ?? alarm.raisedSeenAt ?? to))}`}
        </div>
      </td>
      <td class="n">
        {worst?.text}
        {worst !== null && worst.unit !== '' && <span class="u">{worst.unit}</span>}
      </td>
      <td class="nowrap">
        <span title={`${words.past.to(stamp(from), stamp(to))}`}>{when(from, pulse.peek())}</span>{' '}
        <span class="sub small">{duration(Math.max(0, to - from))}</span>
      </td>
      <td class="who">{alarm.acknowledgedBy ?? words.past.unseen}</td>
    </tr>
  );
}
