import * as hub from '../api/alarms.js';
import { toast } from '../shell/toast.js';
import { alarms as words } from '../strings/alarms.js';
import type { AlarmWatch } from './alarm-watch.js';

/** Says that whoever is logged in has seen these alarms. @returns whether the hub took it; why not is said in a toast */
export async function acknowledge(watch: AlarmWatch, ids: readonly string[], note: string): Promise<boolean> {
  try {
    watch.put(await hub.acknowledge(ids, note));
    return true;
  } catch (error) {
    toast(words.failed(error instanceof Error ? error.message : String(error)), 'failed');
    return false;
  }
}
