import { signal } from '@preact/signals';

/** How this browser tells of a new alarm beside showing it. Both are off until somebody asks for them here. */

const SOUND = 'fieldline.alarm-sound';
const NOTIFY = 'fieldline.alarm-notify';

export const sound = signal(kept(SOUND));
export const notify = signal(kept(NOTIFY) && globalThis.Notification?.permission === 'granted');

/** Turns the sound on or off; on, it plays once, so that it is known how loud it is. */
export function turnSound(): boolean {
  sound.value = !sound.value;
  keep(SOUND, sound.value);
  if (sound.value) play();
  return sound.value;
}

/** Turns notifications on or off; the browser asks first. @returns whether they are as wanted */
export async function turnNotify(): Promise<boolean> {
  if (notify.value) {
    notify.value = false;
    keep(NOTIFY, false);
    return true;
  }
  const answer = await (globalThis.Notification?.requestPermission() ?? 'denied');
  notify.value = answer === 'granted';
  keep(NOTIFY, notify.value);
  return notify.value;
}

/** Tells of a new alarm as this browser was asked to. @param tag one notification for one alarm */
export function announce(tag: string, title: string, onOpen: () => void): void {
  if (sound.peek()) play();
  if (!notify.peek()) return;
  try {
    const shown = new Notification(title, { tag });
    shown.onclick = () => {
      window.focus();
      onOpen();
      shown.close();
    };
  } catch {
    // Some phones allow notifications to service workers only.
  }
}

const TONES = [
  [880, 0],
  [660, 0.18],
] as const;
const LENGTH_S = 0.14;
/** Many at once are one sound. */
const LEAST_MS = 3_000;
let playedAt = 0;
let context: AudioContext | undefined;

/** Two short tones. */
function play(): void {
  const now = performance.now();
  if (playedAt !== 0 && now - playedAt < LEAST_MS) return;
  playedAt = now;
  context ??= new AudioContext();
  void context.resume().catch(() => undefined);
  for (const [pitch, after] of TONES) {
    const tone = new OscillatorNode(context, { type: 'sine', frequency: pitch });
    const volume = new GainNode(context, { gain: 0 });
    const from = context.currentTime + after;
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(0.25, from + 0.02);
    volume.gain.linearRampToValueAtTime(0, from + LENGTH_S);
    tone.connect(volume).connect(context.destination);
    tone.start(from);
    tone.stop(from + LENGTH_S);
  }
}

function kept(key: string): boolean {
  try {
    return localStorage.getItem(key) === 'on';
  } catch {
    return false;
  }
}

function keep(key: string, on: boolean): void {
  try {
    localStorage.setItem(key, on ? 'on' : 'off');
  } catch {
    // A private window keeps nothing: the choice lasts as long as the page.
  }
}
