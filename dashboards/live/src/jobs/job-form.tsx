import type { JobView } from '@fieldline/protocol/browser';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { fieldsOf } from '../command/field.js';
import { Fault, ParamInput } from '../command/param-input.js';
import { type Row, ValueRows } from '../command/value-rows.js';
import { WAITS_MS } from '../command/waits.js';
import type { Fleet } from '../fleet/fleet.js';
import { profiles } from '../live/profiles.js';
import { commandsHref } from '../shell/route.js';
import { commands } from '../strings/commands.js';
import { jobs } from '../strings/jobs.js';
import { chosen } from './chosen.js';
import { type Order, type OrderFaults, readOrder } from './order.js';
import { StartDialog } from './start-dialog.js';
import { TargetFields } from './target-fields.js';
import { offeredTo, sortTargets, targetsOf, type Wanted } from './targets.js';

const words = jobs.form;
/** The name of a command that no profile names. */
const OTHER = '';
/** Of one job, by the hub. */
const MOST_DEVICES = 10_000;
const PACE = { rate: '10', abort: '5' } as const;

/** Makes a group job: which devices, what command, how fast, and when to give up. */
export function JobForm({ fleet, onStarted }: { fleet: Fleet; onStarted: (job: JobView) => void }) {
  void fleet.changed.value;
  void profiles.arrived.value;
  const [wanted, setWanted] = useState<Wanted>(() =>
    chosen.peek().length > 0
      ? { kind: 'chosen', ids: chosen.peek() }
      : { kind: 'matching', profile: null, tags: {} },
  );
  // A selection is for the form that it led to: the next one begins anew.
  useEffect(
    () => () => {
      chosen.value = [];
    },
    [],
  );
  const [picked, setPicked] = useState<string>();
  const [freeName, setFreeName] = useState('');
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const [rows, setRows] = useState<readonly Row[]>([]);
  const [pace, setPace] = useState<Readonly<Record<'rate' | 'abort', string>>>(PACE);
  const [waitMs, setWaitMs] = useState<number | null>(null);
  const [faults, setFaults] = useState<OrderFaults>();
  const [order, setOrder] = useState<Order>();

  const meant = targetsOf(fleet.devices, wanted);
  const offered = offeredTo(meant, (name) => profiles.peek(name));
  const known = offered.find(({ name }) => name === picked);
  const document = known?.document ?? null;
  const fields = useMemo(() => fieldsOf(document?.params), [document]);
  const isFree = picked === OTHER;
  const name = isFree ? freeName.trim() : (known?.name ?? '');
  // A profile that is not here yet may name anything; one that is, only what it names.
  const takes = (profile: string | null): boolean =>
    profiles.standing(profile) !== 'known' || Object.hasOwn(profiles.peek(profile).commands ?? {}, name);
  const sorted = sortTargets(meant, name === '' ? () => true : takes, waitMs !== null);
  const count = sorted.going.length;

  const edited = () => setFaults(undefined);
  const submit = (event: Event) => {
    event.preventDefault();
    const read = readOrder({ name, document, fields, texts, rows, ...pace });
    if ('faults' in read) setFaults(read.faults);
    else if (count > 0 && count <= MOST_DEVICES) setOrder(read.order);
  };
  return (
    <section class="panel" aria-labelledby="job-form-head">
      <header>
        <h2 id="job-form-head">{words.head}</h2>
        <span class="sub small">{jobs.says}</span>
      </header>
      <form class="job-form" noValidate onSubmit={submit}>
        <TargetFields fleet={fleet} wanted={wanted} count={meant.length} onWanted={setWanted} />
        <fieldset class="pad stack">
          <legend class="vh">{words.command}</legend>
          <div class="row wrap form-row">
            <label class="field">
              <span>{words.command}</span>
              <select
                class="in"
                value={picked === undefined ? 'none' : `=${picked}`}
                aria-invalid={faults?.name === true && !isFree}
                onChange={(event) => {
                  const { value } = event.currentTarget;
                  setPicked(value === 'none' ? undefined : value.slice(1));
                  setTexts({});
                  edited();
                }}
              >
                <option value="none">{words.chooseCommand}</option>
                {offered.map(({ name: each, document: { title }, able }) => (
                  <option key={each} value={`=${each}`}>
                    {`${title ?? each}${words.able(able, meant.length)}`}
                  </option>
                ))}
                {meant.some(({ view }) => profiles.standing(view.profile) === 'none') && (
                  <option value={`=${OTHER}`}>{words.other}</option>
                )}
              </select>
              {faults?.name && !isFree && <span class="err">{words.commandNeeded}</span>}
            </label>
            {isFree && (
              <label class="field" for="job-name">
                <span>{commands.free.name}</span>
                <input
                  class="in mono"
                  id="job-name"
                  value={freeName}
                  autocomplete="off"
                  spellcheck={false}
                  aria-invalid={faults?.name === true}
                  onInput={(event) => {
                    setFreeName(event.currentTarget.value);
                    edited();
                  }}
                />
                {faults?.name && <span class="err">{commands.free.nameFault}</span>}
              </label>
            )}
            {fields.map((field) => (
              <div class="field" key={field.name}>
                <label for={`job-${field.name}`}>{field.title}</label>
                <ParamInput
                  field={field}
                  id={`job-${field.name}`}
                  text={texts[field.name] ?? ''}
                  asked={false}
                  fault={faults?.fields[field.name]}
                  onText={(text) => {
                    setTexts((before) => ({ ...before, [field.name]: text }));
                    edited();
                  }}
                />
                <Fault id={`job-${field.name}`} fault={faults?.fields[field.name]} />
              </div>
            ))}
          </div>
          {document?.description && <p class="sub">{document.description}</p>}
          {isFree && (
            <ValueRows
              rows={rows}
              faults={faults?.rows ?? new Map()}
              onRows={(next) => {
                setRows(next);
                edited();
              }}
            />
          )}
        </fieldset>
        <fieldset class="pad stack">
          <legend class="vh">{words.rate}</legend>
          <div class="row wrap form-row">
            <PaceField
              id="job-rate"
              label={words.rate}
              text={pace.rate}
              unit="/s"
              hint={count > 0 && Number(pace.rate) > 0 ? words.takes(count, Number(pace.rate)) : ''}
              fault={faults?.rate ? words.rateFault : undefined}
              onText={(rate) => {
                setPace({ ...pace, rate });
                edited();
              }}
            />
            <PaceField
              id="job-abort"
              label={words.abort}
              text={pace.abort}
              unit="%"
              hint={words.abortHint}
              fault={faults?.abort ? words.abortFault : undefined}
              onText={(abort) => {
                setPace({ ...pace, abort });
                edited();
              }}
            />
            <label class="field">
              <span>{words.offline}</span>
              <select
                class="in"
                value={String(waitMs)}
                onChange={(event) => {
                  const { value } = event.currentTarget;
                  setWaitMs(value === 'null' ? null : Number(value));
                }}
              >
                <option value="null">{words.leave}</option>
                {WAITS_MS.map((ms) => (
                  <option key={ms} value={String(ms)}>
                    {words.wait(commands.ttl(ms))}
                  </option>
                ))}
              </select>
              <span class="sub">{words.offlineCount(sorted.offline)}</span>
            </label>
          </div>
        </fieldset>
        {(sorted.unable > 0 || sorted.disabled > 0) && (
          <p class="pad sub">
            {[
              sorted.unable > 0 && words.unable(sorted.unable),
              sorted.disabled > 0 && words.disabled(sorted.disabled),
            ]
              .filter(Boolean)
              .join(' ')}
          </p>
        )}
        <footer>
          {count > MOST_DEVICES && <span class="err">{words.tooMany}</span>}
          <span class="grow" />
          <a class="btn" href={commandsHref('tab=jobs')}>
            {words.back}
          </a>
          <button type="submit" class="btn main" aria-disabled={count === 0 || count > MOST_DEVICES}>
            {count === 0 ? words.nothing : words.go(count)}
          </button>
        </footer>
      </form>
      {order && (
        <StartDialog
          order={order}
          sorted={sorted}
          waitMs={waitMs}
          onStarted={onStarted}
          onClose={() => setOrder(undefined)}
        />
      )}
    </section>
  );
}

interface PaceFieldProps {
  readonly id: string;
  readonly label: string;
  readonly text: string;
  readonly unit: string;
  readonly hint: string;
  readonly fault: string | undefined;
  readonly onText: (text: string) => void;
}

function PaceField({ id, label, text, unit, hint, fault, onText }: PaceFieldProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <span class="in-wrap unit">
        <input
          class="in"
          id={id}
          value={text}
          inputMode="decimal"
          autocomplete="off"
          aria-invalid={fault !== undefined}
          aria-describedby={fault === undefined ? `${id}-hint` : `${id}-fault`}
          onInput={(event) => onText(event.currentTarget.value)}
        />
        <span class="u" aria-hidden="true">
          {unit}
        </span>
      </span>
      <Fault id={id} fault={fault} />
      {fault === undefined && (
        <span class="sub" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </div>
  );
}
