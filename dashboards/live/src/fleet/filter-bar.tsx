import type { Ref } from 'preact';
import { Icon } from '../shell/icon.js';
import { fleet as words } from '../strings.js';
import { type FleetView, SORTS } from './fleet-url.js';
import type { Facet } from './select.js';

interface FilterBarProps {
  readonly view: FleetView;
  readonly profiles: readonly string[];
  readonly tags: readonly Facet[];
  /** Tags without a chip of their own. */
  readonly more: readonly Facet[];
  readonly searchBox: Ref<HTMLInputElement>;
  readonly onView: (view: FleetView) => void;
}

/** Search, facets and sort. Each is a part of the view, so each is in the address. */
export function FilterBar({ view, profiles, tags, more, searchBox, onView }: FilterBarProps) {
  const setTag = (name: string, value: string | null) => {
    const { [name]: _old, ...rest } = view.tags;
    onView({ ...view, tags: value === null ? rest : { ...rest, [name]: value } });
  };
  return (
    <div class="row chips">
      <div class="in-wrap find-in">
        <Icon name="search" />
        <input
          class="in"
          type="search"
          ref={searchBox}
          value={view.q}
          placeholder={words.searchHint}
          aria-label={words.search}
          aria-keyshortcuts="/"
          onInput={(event) => onView({ ...view, q: event.currentTarget.value })}
          onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
        />
      </div>
      <span class="facets row">
        {(profiles.length > 1 || view.profile) && (
          <Chip
            label={words.profile}
            values={profiles}
            value={view.profile}
            onChoose={(profile) => onView({ ...view, profile })}
          />
        )}
        {tags.map(({ name, values }) => (
          <Chip
            key={name}
            label={name}
            values={values}
            value={view.tags[name] ?? null}
            onChoose={(value) => setTag(name, value)}
          />
        ))}
        {Object.entries(view.tags)
          .filter(([name]) => !tags.some((facet) => facet.name === name))
          .map(([name, value]) => (
            <Chip key={name} label={name} values={[]} value={value} onChoose={() => setTag(name, null)} />
          ))}
        <MoreFilters facets={more.filter(({ name }) => view.tags[name] === undefined)} onChoose={setTag} />
      </span>
      <span class="grow wide-only" />
      <label class="row sub wide-only">
        {words.sort}
        <select
          class="in sort"
          value={view.sort}
          onChange={(event) => {
            const chosen = event.currentTarget.value;
            onView({ ...view, sort: SORTS.find((sort) => sort === chosen) ?? 'attention' });
          }}
        >
          {SORTS.map((sort) => (
            <option key={sort} value={sort}>
              {words.sorts[sort]}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

interface MoreFiltersProps {
  readonly facets: readonly Facet[];
  readonly onChoose: (name: string, value: string) => void;
}

/** All other tags behind one chip; the one that is chosen becomes a chip. */
function MoreFilters({ facets, onChoose }: MoreFiltersProps) {
  if (facets.length === 0) return null;
  return (
    <label class="chip as-sel add">
      <Icon name="plus" />
      {words.filter}
      <select
        aria-label={words.filter}
        value=""
        onChange={(event) => {
          // The place of the choice in both lists: a tag's name and value may hold anything.
          const [facet, value] = event.currentTarget.value.split(' ').map(Number);
          const chosen = facets[facet ?? -1];
          const text = chosen?.values[value ?? -1];
          if (chosen && text !== undefined) onChoose(chosen.name, text);
        }}
      >
        <option value="">{words.any}</option>
        {facets.map(({ name, values }, facet) => (
          <optgroup key={name} label={name}>
            {values.map((value, index) => (
              <option key={value} value={`${facet} ${index}`}>
                {value}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

interface ChipProps {
  readonly label: string;
  readonly values: readonly string[];
  readonly value: string | null;
  readonly onChoose: (value: string | null) => void;
}

/** One facet: a choice while it is open, a chip with a cross once it is made. */
function Chip({ label, values, value, onChoose }: ChipProps) {
  if (value !== null) {
    return (
      <button
        type="button"
        class="chip"
        aria-label={words.clear(`${label} ${value}`)}
        onClick={() => onChoose(null)}
      >
        <span class="sub">{label}</span>
        <b>{value}</b>
        <Icon name="x" />
      </button>
    );
  }
  return (
    <label class="chip as-sel">
      {label}
      <select aria-label={label} value="" onChange={(event) => onChoose(event.currentTarget.value || null)}>
        <option value="">{words.any}</option>
        {values.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
      <Icon name="down" />
    </label>
  );
}
