import { type AlarmLevel, type AlarmRule, type Profile, STALE_INTERVALS } from '@fieldline/protocol';
import { limitOf, ruleOf } from './rule.js';

/** How many alarms a rule has raised. */
interface Count {
  readonly profile: string | null;
  readonly metric: string | null;
  readonly level: AlarmLevel;
  readonly count: number;
}

/** Every rule of every profile, with how many alarms it has raised of late. */
export function rulesOf(profiles: ReadonlyMap<string, Profile>, counts: readonly Count[]): AlarmRule[] {
  const rules: AlarmRule[] = [];
  const countOf = (profile: string, metric: string | null, level: AlarmLevel): number =>
    counts.find((one) => one.profile === profile && one.metric === metric && one.level === level)?.count ?? 0;
  for (const { name, intervalMs, metrics } of profiles.values()) {
    for (const [metric, described] of metrics) {
      for (const level of ['alarm', 'warn'] as const) {
        const threshold = described[level];
        if (threshold === null) continue;
        const limit = limitOf(ruleOf(metric, level, threshold));
        rules.push({ profile: name, metric, level, limit, lastWeek: countOf(name, metric, level) });
      }
    }
    if (intervalMs === null) continue;
    const limit = { silence: STALE_INTERVALS * intervalMs, for: 0 };
    rules.push({
      profile: name,
      metric: null,
      level: 'stale',
      limit,
      lastWeek: countOf(name, null, 'stale'),
    });
  }
  return rules;
}
