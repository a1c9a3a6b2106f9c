import { TAG } from './board.js';
import type { DashboardLink } from './model.js';
import { boardSuffix, DEVICE_BOARD, NO_PROFILE } from './uids.js';

/** The tag of boards of one kind of device. */
export const DEVICE_TAG = 'fieldline-device';

const COMMON = {
  icon: 'external link',
  tooltip: '',
  tags: [],
  asDropdown: false,
  includeVars: false,
} as const;

/** The other boards, keeping the range of time. */
export function otherBoards(): DashboardLink {
  return {
    ...{ ...COMMON, title: 'Fieldline', type: 'dashboards', tags: [TAG], asDropdown: true },
    ...{ targetBlank: false, keepTime: true },
  };
}

interface DeviceOnBoard {
  readonly device: string;
  /** The name of its profile. */
  readonly profile: string | null;
  /** Whether the boards were made of that profile, too. */
  readonly hasBoard: boolean;
}

/** A device on its board, below Grafana's own address. A range of time is put behind it: `&from=<ms>&to=<ms>`. */
export function deviceBoardPath({ device, profile, hasBoard }: DeviceOnBoard): string {
  const board = profile !== null && hasBoard ? boardSuffix(profile) : NO_PROFILE;
  const chosen = new URLSearchParams({ 'var-profile': profile ?? NO_PROFILE, 'var-device': device });
  return `/d/${DEVICE_BOARD}${board}?${chosen}`;
}

/** A device on the hub's live page, which takes the same range of time. */
export function livePage(hubUrl: string, device: string): DashboardLink {
  return {
    ...{ ...COMMON, title: 'Live page', type: 'link', tooltip: 'The same device and time on the hub itself' },
    ...{ url: livePageUrl(hubUrl, device), targetBlank: true, keepTime: false },
  };
}

/** @param device an id, or Grafana's words for one */
export function livePageUrl(hubUrl: string, device: string): string {
  // Grafana's two variables are moments in ms, as the page's address has them.
  const range = 'from=$' + '{__from}&to=$' + '{__to}';
  return `${hubUrl.replace(/\/+$/, '')}/#/device/${device}?${range}`;
}
