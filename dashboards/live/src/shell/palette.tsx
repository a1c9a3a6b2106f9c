// biome-ignore-all lint/a11y/useFocusableInteractive: the focus stays in the box; the options are told by aria-activedescendant
// biome-ignore-all lint/a11y/noNoninteractiveElementToInteractiveRole: the roles of that pattern
// biome-ignore-all lint/a11y/useSemanticElements: a list of options below a box, after the ARIA practices
import { Fragment } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Fleet } from '../fleet/fleet.js';
import { palette as words } from '../strings/palette.js';
import { Icon } from './icon.js';
import { route } from './navigation.js';
import { pageActions } from './page-actions.js';
import { paletteEntries } from './palette-entries.js';
import { type Entry, findEntries } from './palette-find.js';

interface PaletteProps {
  readonly fleet: Fleet;
  readonly onShortcuts: () => void;
  readonly onClose: () => void;
}

/** Finds a device, a page or a command by a few letters of it: a combobox over a list, after the ARIA practices. */
export function Palette({ fleet, onShortcuts, onClose }: PaletteProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const [asked, setAsked] = useState('');
  const [at, setAt] = useState(0);
  useEffect(() => {
    dialog.current?.showModal();
    // On a page other than the fleet nobody may have asked for the list yet.
    if (fleet.status.peek().kind === 'loading') void fleet.load();
  }, [fleet]);
  const known = fleet.changed.value;
  const place = route.value;
  const actions = pageActions.value;
  const entries = useMemo(
    () => paletteEntries({ fleet, at: place, actions, onShortcuts }),
    [fleet, known, place, actions, onShortcuts],
  );
  const found = useMemo(() => findEntries(entries, asked), [entries, asked]);
  const chosen = Math.min(at, found.length - 1);
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen, found]);

  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    dialog.current?.close();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && found.length > 0) {
      event.preventDefault();
      setAt((chosen + step + found.length) % found.length);
    }
    if (event.key === 'Enter' && !event.isComposing) run(found[chosen]);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
    <dialog
      ref={dialog}
      class="pal"
      aria-label={words.name}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <input
        class="in"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-autocomplete="list"
        aria-activedescendant={found.length > 0 ? `palette-${chosen}` : undefined}
        aria-label={words.find}
        placeholder={words.hint}
        autocomplete="off"
        spellcheck={false}
        value={asked}
        onInput={(event) => {
          setAsked(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul ref={list} id="palette-list" role="listbox" aria-label={words.results}>
        {found.map((entry, index) => (
          <Fragment key={`${entry.group} ${entry.name} ${entry.sub ?? ''}`}>
            {entry.group !== found[index - 1]?.group && (
              <li class="cat" role="presentation">
                {words.groups[entry.group]}
              </li>
            )}
            <Option entry={entry} index={index} chosen={index === chosen} onRun={run} />
          </Fragment>
        ))}
        {found.length === 0 && (
          <li class="cat" role="presentation">
            {words.nothing(asked)}
          </li>
        )}
      </ul>
    </dialog>
  );
}

interface OptionProps {
  readonly entry: Entry;
  readonly index: number;
  readonly chosen: boolean;
  readonly onRun: (entry: Entry) => void;
}

function Option({ entry, index, chosen, onRun }: OptionProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Enter in the box does the same
    <li role="option" id={`palette-${index}`} aria-selected={chosen} onClick={() => onRun(entry)}>
      <Icon name={entry.icon} />
      <span class="grow cut">
        {entry.name} {entry.sub !== undefined && <span class="sub mono">{entry.sub}</span>}
      </span>
      {entry.keys !== undefined && <kbd>{entry.keys}</kbd>}
    </li>
  );
}
