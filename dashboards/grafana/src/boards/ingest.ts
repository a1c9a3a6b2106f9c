import { board } from '../board.js';
import { otherBoards } from '../links.js';
import type { GenerateOptions } from '../options.js';
import { hubLevels, seriesCardinality, sinkLag, sinkStates } from '../panels/hub-levels.js';
import { ingestRates, sinkRetries } from '../panels/hub-rates.js';
import { silence } from './silence.js';

/** How the hub does: from what comes in to what the sinks have. */
export function ingestBoard(options: GenerateOptions): object {
  const { influxVersion, reportMs } = options;
  // Only InfluxDB 1.x tells how many series it has in InfluxQL.
  const cardinality = influxVersion === 1 ? [seriesCardinality()] : [];
  return board({
    uid: 'fieldline-ingest',
    title: 'Ingest health',
    description: 'How the hub does: what comes in, how fast it is safe, and how far the sinks are.',
    links: [otherBoards()],
    sections: [
      ...silence(options),
      { title: null, panels: [sinkStates(reportMs), ...cardinality] },
      { title: 'In', panels: ingestRates(reportMs) },
      { title: 'Out', panels: [sinkLag(reportMs), sinkRetries(reportMs)] },
      { title: 'Hub', panels: hubLevels(reportMs) },
    ],
  });
}
