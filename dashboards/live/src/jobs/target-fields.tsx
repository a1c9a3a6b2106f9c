import type { Fleet } from '../fleet/fleet.js';
import { facetsOf } from '../fleet/select.js';
import { jobs } from '../strings/jobs.js';
import type { Wanted } from './targets.js';

const words = jobs.form;

interface TargetFieldsProps {
  readonly fleet: Fleet;
  readonly wanted: Wanted;
  /** How many devices that is. */
  readonly count: number;
  readonly onWanted: (wanted: Wanted) => void;
}

/** Which devices a group job is for: those that were chosen in the fleet, or all with a profile and tags. */
export function TargetFields({ fleet, wanted, count, onWanted }: TargetFieldsProps) {
  const { profiles, tags } = facetsOf(fleet.devices.values());
  return (
    <fieldset class="pad stack">
      <legend class="vh">{words.devices}</legend>
      {wanted.kind === 'chosen' ? (
        <div class="row wrap">
          <b>{words.chosen(count)}</b>
          <button
            type="button"
            class="btn tiny"
            onClick={() => onWanted({ kind: 'matching', profile: null, tags: {} })}
          >
            {words.byTags}
          </button>
        </div>
      ) : (
        <div class="row wrap form-row">
          <Choice
            label={words.profile}
            values={profiles}
            value={wanted.profile}
            onChoose={(profile) => onWanted({ ...wanted, profile })}
          />
          {tags.map(({ name, values }) => (
            <Choice
              key={name}
              label={name}
              values={values}
              value={wanted.tags[name] ?? null}
              onChoose={(value) => {
                const { [name]: _, ...others } = wanted.tags;
                onWanted({ ...wanted, tags: value === null ? others : { ...others, [name]: value } });
              }}
            />
          ))}
          <p class="fits" role="status">
            <b>{words.match(count)}</b> <span class="sub">{count === 0 ? words.none : words.matchSays}</span>
          </p>
        </div>
      )}
    </fieldset>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly values: readonly string[];
  readonly value: string | null;
  readonly onChoose: (value: string | null) => void;
}

function Choice({ label, values, value, onChoose }: ChoiceProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select
        class="in"
        value={value === null ? '' : `=${value}`}
        onChange={(event) => {
          const { value: picked } = event.currentTarget;
          onChoose(picked === '' ? null : picked.slice(1));
        }}
      >
        <option value="">{words.any}</option>
        {values.map((each) => (
          <option key={each} value={`=${each}`}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
}
