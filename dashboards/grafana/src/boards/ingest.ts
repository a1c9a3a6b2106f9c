import { board } from '../board.js';
import { otherBoards } from '../links.js';
import type { GenerateOptions } from '../options.js';
import { hubLevels, seriesCardinality, sinkLag, sinkStates } from '../panels/hub-levels.js';
import { ingestRates, sinkRetries } from '../panels/hub-rates.js';

/** How the hub does: from what comes in to what the sinks have. */
export function ingestBoard({ influxVersion }: GenerateOptions): object {
  // Only InfluxDB 1.x tells how many series it has in InfluxQL.
  const cardinality = influxVersion === 1 ? [seriesCardinality()] : [];
  return board({
    uid: 'fieldline-ingest',
    title: 'Ingest health',
    description: 'How the hub does: what comes in, how fast it is safe, and how far the sinks are.',
    links: [otherBoards()],
    sections: [
      { title: null, panels: [sinkStates(), ...cardinality] },
      { title: 'In', panels: ingestRates() },
      { title: 'Out', panels: [sinkLag(), sinkRetries()] },
      { title: 'Hub', panels: hubLevels() },
    ],
  });
}
