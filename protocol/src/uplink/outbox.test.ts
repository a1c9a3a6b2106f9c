import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Outbox } from './outbox.js';

/** What an outbox should do, written as plainly as possible. */
interface Model {
  items: { seq: number; flying: boolean; answered: boolean }[];
  seq: number;
}

function acked(outbox: Outbox, seq: number): number[] {
  const seqs: number[] = [];
  outbox.ack(seq, (item) => seqs.push(item.seq));
  return seqs;
}

class Push implements fc.Command<Model, Outbox> {
  check = () => true;
  run(model: Model, outbox: Outbox): void {
    outbox.push(++model.seq, '');
    model.items.push({ seq: model.seq, flying: false, answered: false });
  }
  toString = () => 'push';
}

class Take implements fc.Command<Model, Outbox> {
  check = () => true;
  run(model: Model, outbox: Outbox): void {
    const next = model.items.find((item) => !item.flying && !item.answered);
    if (next !== undefined) next.flying = true;
    expect(outbox.take()?.seq).toBe(next?.seq);
  }
  toString = () => 'take';
}

class Ack implements fc.Command<Model, Outbox> {
  readonly seq: number;
  constructor(seq: number) {
    this.seq = seq;
  }
  check = () => true;
  run(model: Model, outbox: Outbox): void {
    const covered = model.items.filter((item) => item.seq <= this.seq && !item.answered);
    model.items = model.items.filter((item) => item.seq > this.seq);
    expect(acked(outbox, this.seq)).toEqual(covered.map((item) => item.seq));
  }
  toString = () => `ack ${this.seq}`;
}

class Answer implements fc.Command<Model, Outbox> {
  readonly seq: number;
  constructor(seq: number) {
    this.seq = seq;
  }
  check = () => true;
  run(model: Model, outbox: Outbox): void {
    const item = model.items.find((candidate) => candidate.seq === this.seq && !candidate.answered);
    if (item !== undefined) item.answered = true;
    expect(outbox.answer(this.seq)).toBe(item !== undefined);
    while (model.items[0]?.answered === true) model.items.shift();
  }
  toString = () => `answer ${this.seq}`;
}

class Drop implements fc.Command<Model, Outbox> {
  check = () => true;
  run(model: Model, outbox: Outbox): void {
    expect(outbox.dropOldest()?.seq).toBe(model.items.shift()?.seq);
    while (model.items[0]?.answered === true) model.items.shift();
  }
  toString = () => 'drop';
}

class Rewind implements fc.Command<Model, Outbox> {
  check = () => true;
  run(model: Model, outbox: Outbox): void {
    for (const item of model.items) item.flying = false;
    outbox.rewind();
  }
  toString = () => 'rewind';
}

class Renumber implements fc.Command<Model, Outbox> {
  check = () => true;
  run(model: Model, outbox: Outbox): void {
    model.items = model.items.filter((item) => !item.answered);
    model.items.forEach((item, index) => {
      item.seq = index + 1;
      item.flying = false;
    });
    model.seq = model.items.length;
    expect(outbox.renumber()).toBe(model.seq);
  }
  toString = () => 'renumber';
}

/** After every step, whatever it was. */
class Counted implements fc.Command<Model, Outbox> {
  check = () => true;
  run(model: Model, outbox: Outbox): void {
    while (model.items[0]?.answered === true) model.items.shift();
    expect(outbox.size).toBe(model.items.length);
    expect(outbox.inFlight).toBe(model.items.filter((item) => item.flying && !item.answered).length);
  }
  toString = () => 'count';
}

describe('Outbox', () => {
  it('does what a plain list would', () => {
    const seq = fc.integer({ min: 0, max: 40 });
    const commands = [
      fc.constant(new Push()),
      fc.constant(new Push()),
      fc.constant(new Take()),
      fc.constant(new Take()),
      seq.map((at) => new Ack(at)),
      seq.map((at) => new Answer(at)),
      fc.constant(new Drop()),
      fc.constant(new Rewind()),
      fc.constant(new Renumber()),
      fc.constant(new Counted()),
    ];
    fc.assert(
      fc.property(fc.commands(commands, { maxCommands: 100 }), (steps) => {
        fc.modelRun(() => ({ model: { items: [], seq: 0 }, real: new Outbox() }), steps);
      }),
      { numRuns: 300 },
    );
  });

  it('stays correct over many more messages than it holds at once', () => {
    const outbox = new Outbox();
    let ackedCount = 0;
    for (let seq = 1; seq <= 20_000; seq++) {
      outbox.push(seq, '');
      expect(outbox.take()?.seq).toBe(seq);
      if (seq % 300 === 0) ackedCount += acked(outbox, seq - 100).length;
    }
    expect(outbox.size).toBe(20_000 - ackedCount);
    expect(acked(outbox, 20_000)).toHaveLength(20_000 - ackedCount);
    expect(outbox).toMatchObject({ size: 0, inFlight: 0 });
  });
});
