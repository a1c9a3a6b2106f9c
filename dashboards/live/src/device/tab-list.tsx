import { Tabs } from '../shell/tabs.js';
import { device as words } from '../strings.js';

export type Tab = keyof typeof words.tabs;
const TABS: readonly Tab[] = ['charts', 'commands', 'config', 'log', 'raw', 'quarantine'];

/** The tab that an address names; the charts for any other. */
export function tabOf(name: string | null): Tab {
  return TABS.find((tab) => tab === name) ?? 'charts';
}

interface TabListProps {
  readonly tab: Tab;
  readonly notes: Readonly<Partial<Record<Tab, string>>>;
  readonly onTab: (tab: Tab) => void;
}

/** The parts of a device's page. */
export function TabList({ tab, notes, onTab }: TabListProps) {
  return <Tabs label={words.tabsName} tabs={TABS} names={words.tabs} tab={tab} notes={notes} onTab={onTab} />;
}
