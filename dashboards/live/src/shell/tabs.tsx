import { useEffect, useRef } from 'preact/hooks';

interface TabsProps<Tab extends string> {
  /** What the tabs divide. */
  readonly label: string;
  /** In their order. */
  readonly tabs: readonly Tab[];
  readonly names: Readonly<Record<Tab, string>>;
  readonly tab: Tab;
  /** What there is to say of a part, beside its name. */
  readonly notes?: Readonly<Partial<Record<Tab, string>>>;
  readonly onTab: (tab: Tab) => void;
}

/** The parts of a page, `panel-<tab>` each. Arrows move between them, after the ARIA practices. */
export function Tabs<Tab extends string>({ label, tabs, names, tab, notes, onTab }: TabsProps<Tab>) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // On a phone the tabs scroll: the one that an address names must be seen.
    const { current } = list;
    const shown = current?.querySelector<HTMLElement>(`#tab-${tab}`);
    if (!current || !shown) return;
    current.scrollLeft =
      shown.offsetLeft - current.offsetLeft - (current.clientWidth - shown.offsetWidth) / 2;
  }, [tab]);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length] ?? tab;
    list.current?.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
    onTab(next);
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
      {tabs.map((each) => (
        <button
          key={each}
          type="button"
          role="tab"
          id={`tab-${each}`}
          aria-controls={`panel-${each}`}
          aria-selected={each === tab}
          tabIndex={each === tab ? 0 : -1}
          onClick={() => onTab(each)}
        >
          {names[each]}
          {notes?.[each] && <span class="count">{notes[each]}</span>}
        </button>
      ))}
    </div>
  );
}
