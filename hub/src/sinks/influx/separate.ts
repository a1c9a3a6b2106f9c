import type { Reading } from '@fieldline/journal';
import type { Rejection } from '../sink.js';
import type { Refusal } from './classify.js';
import type { DoubtfulSend } from './doubt.js';
import type { BlockLine, LineBlock } from './line-block.js';
import { type Piece, type Refused, type Send, sift } from './sift.js';

/** A line with one field of a reading that has several. */
interface FieldPiece extends Piece {
  readonly reading: Reading;
  readonly metric: string;
}

/** Lines of single fields that are sent at once. */
const MAX_PIECES = 5_000;

/**
 * Writes a block without what InfluxDB refuses of it: first its lines are sifted, then the fields of the refused ones,
 * because InfluxDB drops a whole point for one field.
 * @param known the answer to a request with the whole block
 * @param doubt for a batch that is only suspected
 * @throws SinkError whatever is nobody's fault here
 */
export async function separate(
  block: LineBlock,
  send: Send,
  known: Refusal | 'too-large' | undefined,
  doubt?: DoubtfulSend,
): Promise<Rejection[]> {
  const confirmed = async <P extends Piece>(refused: Refused<P>[]) => doubt?.confirm(refused) ?? refused;
  const rejections: Rejection[] = [];
  const several: BlockLine[] = [];
  const counts = new Map<Reading, number>();
  for (const refused of await sift(block.lines(), send, known)) {
    const { lines, reading } = refused.piece;
    const count = lines.texts(reading).length;
    if (refused.isWholePoint || count === 1) {
      for (const { reason } of await confirmed([refused])) rejections.push(rejection(reading, reason));
      continue;
    }
    several.push(refused.piece);
    counts.set(reading, count);
  }
  const refusedFields = new Map<Reading, { metric: string; reason: string }[]>();
  for (const pieces of fieldsOf(several)) {
    for (const { piece, reason } of await confirmed(await sift(pieces, send))) {
      const ofReading = refusedFields.get(piece.reading) ?? [];
      ofReading.push({ metric: piece.metric, reason });
      refusedFields.set(piece.reading, ofReading);
    }
  }
  for (const [reading, fields] of refusedFields) {
    if (fields.length === counts.get(reading)) rejections.push(rejection(reading, fields[0]?.reason ?? ''));
    else for (const { metric, reason } of fields) rejections.push(rejection(reading, reason, metric));
  }
  return rejections;
}

/** The fields of these lines, those with one name together: they share their fate. */
function fieldsOf(several: readonly BlockLine[]): FieldPiece[][] {
  const groups = new Map<string, FieldPiece[]>();
  for (const { lines, reading } of several) {
    for (const text of lines.texts(reading)) {
      const key = JSON.stringify([lines.measurement, text.field.name]);
      const group = groups.get(key) ?? [];
      const line = lines.line([text], reading.time) ?? '';
      group.push({ bytes: Buffer.from(line), reading, metric: text.metric });
      groups.set(key, group);
    }
  }
  return [...groups.values()].flatMap((group) => {
    const requests: FieldPiece[][] = [];
    for (let at = 0; at < group.length; at += MAX_PIECES) requests.push(group.slice(at, at + MAX_PIECES));
    return requests;
  });
}

function rejection(reading: Reading, message: string, metric?: string): Rejection {
  return { reading, code: 'sink_rejected', message, ...(metric !== undefined && { metric }) };
}
