/** What came in under an ingest topic and was neither stored nor quarantined. */
export interface IngestCounters {
  /** From devices that are not registered, or disabled. */
  refused: number;
  /** Retained messages, of unknown age. */
  retained: number;
  /** Under topics that name no device. */
  badTopics: number;
  /** QoS 0, while it could not be stored. */
  dropped: number;
}

export function ingestCounters(): IngestCounters {
  return { refused: 0, retained: 0, badTopics: 0, dropped: 0 };
}
