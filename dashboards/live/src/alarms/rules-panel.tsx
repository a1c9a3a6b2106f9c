import type { AlarmRule } from '@fieldline/protocol/browser';
import { useCallback } from 'preact/hooks';
import * as hub from '../api/alarms.js';
import { PagedPanel } from '../device/paged-panel.js';
import { usePaged } from '../device/use-paged.js';
import { num } from '../format/number.js';
import { Empty } from '../shell/empty.js';
import { Icon } from '../shell/icon.js';
import { alarms as words } from '../strings/alarms.js';
import { clearWords, lookIn, whatWords } from './alarm-words.js';

/** When alarms are raised, and when they clear: what the profiles say. */
export function RulesPanel() {
  const list = usePaged(useCallback(() => hub.rules(), []));
  const { columns } = words.rules;
  return (
    <PagedPanel
      title={words.rules.title}
      says={words.rules.says}
      list={list}
      empty={list.items.length === 0}
      whenEmpty={<Empty art="calm" head={words.rules.emptyHead} body={words.rules.emptyBody} />}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, also by the keyboard */}
      <section class="scroll" tabIndex={0} aria-label={words.rules.title}>
        <table class="tb">
          <thead>
            <tr>
              <th>{columns.profile}</th>
              <th>{columns.metric}</th>
              <th>{columns.raised}</th>
              <th>{columns.clears}</th>
              <th>{columns.severity}</th>
              <th class="n">{columns.week}</th>
            </tr>
          </thead>
          <tbody>
            {list.items.map((rule) => (
              <RuleRow key={`${rule.profile} ${rule.metric} ${rule.level}`} rule={rule} />
            ))}
          </tbody>
        </table>
      </section>
    </PagedPanel>
  );
}

function RuleRow({ rule: { profile, metric, level, limit, lastWeek } }: { rule: AlarmRule }) {
  const look = lookIn(profile, metric);
  return (
    <tr>
      <td>{profile}</td>
      <td>{look?.title ?? words.rules.freshness}</td>
      <td>{whatWords(limit, look)}</td>
      <td>{clearWords(limit, look)}</td>
      <td>
        <span class={`st is-${level}`}>
          <Icon name={level} />
          {words.level[level]}
        </span>
      </td>
      <td class="n">{num(lastWeek, 0)}</td>
    </tr>
  );
}
