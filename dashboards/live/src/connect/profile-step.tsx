import type { ProfileDocument } from '@fieldline/protocol/browser';
import { connect as words } from '../strings/connect.js';

interface ProfileStepProps {
  readonly profiles: readonly ProfileDocument[];
  /** Null for none. */
  readonly chosen: string | null;
  /** It is settled: the device is registered. */
  readonly fixed: boolean;
  readonly onChoose: (profile: string | null) => void;
}

/** What kind of device it is. */
export function ProfileStep({ profiles, chosen, fixed, onChoose }: ProfileStepProps) {
  return (
    <section class="panel" aria-labelledby="what-head">
      <header>
        <span class="stepno">1</span>
        <h2 id="what-head">{words.what}</h2>
        <span class="sub small wide-only">{words.whatSays}</span>
      </header>
      <div class="pick" role="radiogroup" aria-labelledby="what-head">
        {profiles.map(({ profile, title, metrics, commands = {} }) => (
          <Choice
            key={profile}
            title={title ?? profile}
            name={profile}
            holds={words.holds(Object.keys(metrics), Object.keys(commands))}
            checked={chosen === profile}
            fixed={fixed}
            onChoose={() => onChoose(profile)}
          />
        ))}
        <Choice
          title={words.noProfile}
          name={words.noProfileName}
          holds={words.noProfileHolds}
          checked={chosen === null}
          fixed={fixed}
          onChoose={() => onChoose(null)}
        />
      </div>
    </section>
  );
}

interface ChoiceProps {
  readonly title: string;
  readonly name: string;
  readonly holds: string;
  readonly checked: boolean;
  readonly fixed: boolean;
  readonly onChoose: () => void;
}

/** Once the device is registered only its own kind is left. */
function Choice({ title, name, holds, checked, fixed, onChoose }: ChoiceProps) {
  if (fixed && !checked) return null;
  return (
    <label>
      <input
        type="radio"
        class="box"
        name="profile"
        value={name}
        checked={checked}
        disabled={fixed}
        onChange={onChoose}
      />
      <b>{title}</b>
      <span class="sub small mono">{name}</span>
      <p>{holds}</p>
    </label>
  );
}
