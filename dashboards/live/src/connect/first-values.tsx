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
  const { readings, lastAt } = seen;
  const now = pulse.value;
  return (
    <>
      <div class="readouts">
        {shown({ ...known(seen), ...seen.latest }, seen, profile).map(({ key, title, text, unit }) => (
          <div class="ro" key={key}>
            <span class="k">{title}</span>
            <span class="v">
              {text}
              {unit !== '' && <span class="u">{unit}</span>}
            </span>
            <span class="d">
              {lastAt !== null && `${words.readings(readings)}, ${age(Math.max(0, now - lastAt))}`}
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
    .map(({ title, text, unit, numeric }) =>
      numeric
        ? `${title.toLowerCase()} ${text}${unit && `\u00a0${unit}`}`
        : `${title.toLowerCase()}: ${text}`,
    )
    .join(', ');
}

/** What the registry knows, for whoever comes back to this page later than the first reading. */
function known({ device }: Seen): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const [key, { value }] of Object.entries(device?.metrics ?? {}))
    if (value !== null) values[key] = value;
  return values;
}

interface Shown extends Figure {
  readonly key: string;
  readonly title: string;
  readonly numeric: boolean;
}

function shown(
  values: Readonly<Record<string, Value>>,
  { device }: Seen,
  profile: ProfileDocument | null,
): Shown[] {
  return Object.entries(values).map(([key, value]) => {
    const look = lookOf(key, device?.metrics[key], profile?.metrics[key]);
    return { key, title: look.title, numeric: look.numeric, ...figure(look, value) };
  });
}
