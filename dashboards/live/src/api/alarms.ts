import type {
  AlarmChannelView,
  AlarmDetail,
  AlarmQuiet,
  AlarmRule,
  AlarmView,
  Page,
} from '@fieldline/protocol/browser';
import { api } from './client.js';

/** What the page asks the hub about alarms. Each throws `ApiError`. */

export const alarms = (state: AlarmView['state'], cursor?: string): Promise<Page<AlarmView>> =>
  api.alarms({ state }).page(cursor, { limit: state === 'cleared' ? 50 : 1000 });

/** An alarm, and how it was told. */
export const alarm = (id: string): Promise<AlarmDetail> => api.alarm(id);

/** Says that whoever is logged in has seen these. */
export const acknowledge = async (ids: readonly string[], note: string): Promise<readonly AlarmView[]> => {
  const said = note.trim() === '' ? {} : { note: note.trim() };
  const [only] = ids;
  if (ids.length === 1 && only !== undefined) return [await api.acknowledgeAlarm(only, said)];
  return (await api.acknowledgeAlarms({ ids: [...ids], ...said })).items;
};

/** The limits that nobody is called about for a while. */
export const quiets = async (): Promise<readonly AlarmQuiet[]> => (await api.alarmQuiets().page()).items;
/** Has nobody called about the limit of this alarm, for an hour. */
export const quiet = (id: string): Promise<AlarmQuiet> => api.quietAlarm(id);
export const endQuiet = (id: string): Promise<void> => api.endAlarmQuiet(id);

export const rules = (): Promise<Page<AlarmRule>> => api.alarmRules().page();
export const channels = (): Promise<Page<AlarmChannelView>> => api.alarmChannels().page();
export const testChannel = (channel: string): Promise<{ readonly ms: number }> =>
  api.testAlarmChannel(channel);
