import { useRef } from 'preact/hooks';
import { device as words } from '../strings.js';

export type Tab = keyof typeof words.tabs;
const TABS: readonly Tab[] = ['charts', 'commands', 'config', 'log', 'quarantine'];

/** The tab that an address names; the charts for any other. */
export function tabOf(name: string | null): Tab {
  return TABS.find((tab) => tab === name) ?? 'charts';
}

interface TabListProps {
  readonly tab: Tab;
  /** What there is to say of a part, beside its name. */
  readonly notes: Readonly<Partial<Record<Tab, string>>>;
  readonly onTab: (tab: Tab) => void;
}

/** The parts of a device's page. Arrows move between them, after the ARIA practices. */
export function TabList({ tab, notes, onTab }: TabListProps) {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length] ?? tab;
    list.current?.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
    onTab(next);
  };
  return (
    <div class="tabs" role="tablist" aria-label={words.tabsName} ref={list} onKeyDown={onKeyDown}>
      {TABS.map((each) => (
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
          {words.tabs[each]}
          {notes[each] && <span class="count">{notes[each]}</span>}
        </button>
      ))}
    </div>
  );
}
