import { fileURLToPath } from 'node:url';
import { loadProfile, loadProfiles, type Profile } from '@fieldline/protocol';
import { load } from 'js-yaml';

/** A query of a panel or of an alert rule, as a file holds it. */
export interface FoundTarget {
  readonly refId: string;
  readonly query: string;
  readonly resultFormat: string;
  readonly alias?: string;
}

/** What of a panel is looked at. */
export interface FoundPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly FoundTarget[];
  readonly interval?: string;
  readonly options?: Record<string, unknown>;
  readonly fieldConfig?: {
    readonly defaults: { readonly unit?: string; readonly custom?: object };
    readonly overrides: readonly {
      readonly matcher: { readonly id: string; readonly options: string };
      readonly properties: readonly { readonly id: string; readonly value: unknown }[];
    }[];
  };
  readonly transformations?: readonly { readonly id: string; readonly options: Record<string, unknown> }[];
}

export interface FoundVariable {
  readonly name: string;
  readonly type: string;
  readonly query: string;
  readonly regex?: string;
}

/** A dashboard as its file holds it. */
export interface FoundBoard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly FoundPanel[];
  readonly templating: { readonly list: readonly FoundVariable[] };
  readonly annotations: {
    readonly list: readonly { readonly name: string; readonly target?: { query: string } }[];
  };
  readonly links: readonly { readonly title: string; readonly url?: string }[];
}

/** The repository's own profiles. */
export function repositoryProfiles(): Promise<Map<string, Profile>> {
  return loadProfiles(fileURLToPath(new URL('../../../../profiles/', import.meta.url)));
}

/** What the repository's profiles have none of: positions, a retention, names that must be escaped, equal titles. */
export function oddProfile(): Profile {
  return loadProfile(ODD, 'odd.yaml');
}

const ODD = `
profile: truck.v2-of-the-northern-cold-chain-fleet
title: Truck $HOME "v2"
description: Costs $5 and $\{USER}
mode: learn
retention: 30d
metrics:
  latitude: { type: number, unit: deg, title: Latitude, min: -90, max: 90 }
  longitude: { type: number, unit: deg, title: Longitude, min: -180, max: 180 }
  temp.front: { type: number, unit: Cel, title: Temperature, warn: { above: 5, below: -30, hysteresis: 1 }, alarm: { above: 8, for: 5m } }
  temp.rear: { type: number, unit: "{widgets}", title: Temperature }
  temp.rear_number: { type: number, title: Another one }
  rssi: { type: integer, unit: "dB[mW]", title: Signal }
  door: { type: boolean, title: "Door {{ open }}", alarm: { equals: true } }
  mode: { type: string, title: Mode, enum: [day, "it's night"], warn: { equals: "it's night", for: 1m } }
`;

export function boardsIn(files: ReadonlyMap<string, string>): FoundBoard[] {
  return [...files]
    .filter(([path]) => path.endsWith('.json'))
    .map(([, text]) => JSON.parse(text) as FoundBoard);
}

export function yamlIn(files: ReadonlyMap<string, string>, path: string): unknown {
  return load(files.get(path) ?? '');
}
