import type { ProfileDocument, Value } from '@fieldline/protocol/browser';
import { age } from '../format/age.js';
import { type Figure, figure, lookOf } from '../format/metric.js';
import { pulse } from '../live/pulse.js';
import { deviceHref } from '../shell/route.js';
import { watch as words } from '../strings/watch.js';
import type { Seen } from './use-sightings.js';

interface FirstValuesProps {
  readonly seen: Seen;
  readonly profile: ProfileDocument | null;
  readonly id: string;
  readonly onAnother: () => void;
}

/** What it reads now, and where to go on. */
export function FirstValues({ seen, profile, id, onAnother }: FirstValuesProps) {
  const { latest, readings, lastAt } = seen;
  const now = pulse.value;
  return (
    <>
      <div class="readouts">
        {shown(latest, seen, profile).map(({ key, title, text, unit }) => (
          <div class="ro" key={key}>
            <span class="k">{title}</span>
            <span class="v">
              {text}
              {unit && <span class="u">{unit}</span>}
            </span>
            <span class="d">
              {words.readings(readings)}
              {lastAt !== null && `, ${age(Math.max(0, now - lastAt))}`}
            </span>
          </div>
        ))}
      </div>
      <div class="pad row wrap">
        <a class="btn main" href={deviceHref(id)}>
          {words.open(id)}
        </a>
        <button type="button" class="btn" onClick={onAnother}>
          {words.another}
        </button>
      </div>
    </>
  );
}

/** "temperature 4.1 °C, door closed" */
export function valuesInWords(values: Seen['latest'], seen: Seen, profile: ProfileDocument | null): string {
  return shown(values, seen, profile)
    .map(({ title, text, unit }) => `${title.toLowerCase()} ${text}${unit && `\u00a0${unit}`}`)
    .join(', ');
}

interface Shown extends Figure {
  readonly key: string;
  readonly title: string;
}

function shown(
  values: Readonly<Record<string, Value>>,
  { device }: Seen,
  profile: ProfileDocument | null,
): Shown[] {
  return Object.entries(values).map(([key, value]) => {
    const look = lookOf(key, device?.metrics[key], profile?.metrics[key]);
    return { key, title: look.title, ...figure(look, value) };
  });
}
