import type { CommandDocument, CommandView, Value } from '@fieldline/protocol/browser';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { lookOf } from '../format/metric.js';
import type { LiveDevice } from '../live/device.js';
import type { DeviceProfile } from '../live/profiles.js';
import { pulse } from '../live/pulse.js';
import { Icon } from '../shell/icon.js';
import { commands as words } from '../strings/commands.js';
import { paramOf, readingWords } from './expectation.js';
import { boundsOf, type Field, fieldsOf, readForm, textOf, valueWords } from './field.js';
import { figureWords } from './figure-words.js';
import { outcomeOf } from './outcome.js';
import { Fault, ParamInput } from './param-input.js';
import { isUnderWay } from './progress.js';
import { type Reported, reportedOf } from './reported.js';
import { TwoWay } from './two-way.js';
import type { Wish } from './wish.js';

/** A bad end is told beside the control for so long; the list below keeps it. */
const TOLD_MS = 15 * 60_000;
/** More choices than this stand in a list instead of side by side. */
const MOST_SIDE_BY_SIDE = 4;

interface ControlProps {
  readonly device: LiveDevice;
  readonly profile: DeviceProfile;
  readonly name: string;
  readonly document: CommandDocument;
  /** The newest command of this name; undefined before the first. */
  readonly last: CommandView | undefined;
  /** Why it cannot be used, shortly; null when it can. */
  readonly bar: string | null;
  readonly barWhy: string;
  /** It was asked for: it comes into view, and takes the focus. */
  readonly sought: boolean;
  readonly onFound: () => void;
  readonly onWish: (wish: Wish) => void;
}

/** One command of the profile as a control: what is reported, what is asked, and the way to ask. */
export function Control(props: ControlProps) {
  const { device, profile, name, document, last, bar, sought, onFound, onWish } = props;
  const now = pulse.value;
  const fields = useMemo(() => fieldsOf(document.params), [document]);
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const form = useRef<HTMLFormElement>(null);
  const whole = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!sought) return;
    whole.current?.scrollIntoView({ block: 'nearest' });
    whole.current?.querySelector<HTMLElement>('input, select, button')?.focus();
    onFound();
  }, [sought]);
  const { expect } = document;
  const metric = expect?.metric ?? null;
  const reported = metric === null ? null : reportedOf(device, metric, now);
  const look = metric === null ? null : lookOf(metric, device.view.metrics[metric], profile.metrics[metric]);
  /** The parameter that the reported metric is the other half of. */
  const bound = expect ? paramOf(expect.equals) : null;
  const [only] = fields;
  const single = fields.length === 1 ? only : undefined;
  const title = document.title ?? null;
  const heading = title ?? name;
  const pending = last && isUnderWay(last) ? last : undefined;
  const askedOf = (field: Field): Value | null => pending?.params[field.name] ?? null;

  const wish = (params: Wish['params']) => {
    const value = single && params[single.name];
    onWish({
      name,
      title,
      description: document.description ?? null,
      danger: document.danger ?? false,
      params,
      value: single && value !== undefined && value !== null ? valueWords(single, value) : '',
      again: false,
    });
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (bar !== null) return;
    const shown = Object.fromEntries(fields.map((field) => [field.name, textFor(field)]));
    const read = readForm(fields, shown);
    setFaults(read.faults);
    const [wrong] = Object.keys(read.faults);
    if (wrong === undefined) wish(read.values);
    else form.current?.querySelector<HTMLElement>(`[id="${idOf(name, wrong)}"]`)?.focus();
  };
  /** What somebody typed, else what is reported: a field follows the device until it is touched. */
  const textFor = (field: Field): string => {
    const typed = texts[field.name];
    if (typed !== undefined) return typed;
    return field.name === bound && reported && !reported.old
      ? textOf(field, rounded(reported.value, look?.decimals))
      : '';
  };
  const edit = (field: Field) => (text: string) => {
    setTexts((before) => ({ ...before, [field.name]: text }));
    setFaults(({ [field.name]: _, ...rest }) => rest);
  };
  // What was sent is not in the field any more: it follows the device again, and stands beside it as asked.
  const sentId = useRef(last?.id);
  if (last && last.id !== sentId.current) {
    sentId.current = last.id;
    if (Object.keys(texts).length > 0) setTexts({});
  }

  const sideBySide =
    single?.choices != null && single.choices.length <= MOST_SIDE_BY_SIDE && single.name === bound;
  return (
    <div class="ctl" ref={whole}>
      <div>
        <h3 title={name}>
          {heading}
          <BadEnd last={last} now={now} />
        </h3>
        <p class="sub now">
          {look ? (
            <ReportedWords
              reported={reported}
              words={(value) => (bound === null ? readingWords : figureWords)(look, value)}
            />
          ) : (
            describe(document, single)
          )}
          <Asked last={last} single={single} />
        </p>
      </div>
      {bar !== null ? (
        <span class="locked" title={props.barWhy}>
          <Icon name="lock" />
          {bar}
        </span>
      ) : sideBySide && single?.choices ? (
        <TwoWay
          name={heading}
          options={single.choices.map((value) => ({ value, word: capital(valueWords(single, value)) }))}
          reported={reported?.value ?? null}
          old={reported?.old ?? false}
          asked={askedOf(single)}
          onAsk={(value) => wish({ [single.name]: value })}
        />
      ) : (
        <form class={fields.length > 1 ? 'several' : 'one'} ref={form} noValidate onSubmit={submit}>
          {fields.map((field) => (
            <div class="field" key={field.name}>
              <label class={single ? 'vh' : ''} for={idOf(name, field.name)}>
                {field.title}
              </label>
              <ParamInput
                field={field}
                id={idOf(name, field.name)}
                text={textFor(field)}
                asked={texts[field.name] !== undefined}
                fault={faults[field.name]}
                onText={edit(field)}
              />
              {!single && <span class="sub">{boundsOf(field)}</span>}
              <Fault id={idOf(name, field.name)} fault={faults[field.name]} />
            </div>
          ))}
          <button type="submit" class="btn" title={document.description}>
            {words.verb(title)}
          </button>
        </form>
      )}
    </div>
  );
}

/** "Reported on, 2 s ago". */
function ReportedWords({
  reported,
  words: say,
}: {
  reported: Reported | null;
  words: (value: Value) => string;
}) {
  if (reported === null) return <span>{words.neverReported}</span>;
  const text = words.reported('', reported.agoMs);
  return (
    <span>
      {reported.old ? words.lastKnownIs : words.reportedIs} <b>{say(reported.value)}</b>
      {text}
    </span>
  );
}

/** What was asked and is open still, dashed. */
function Asked({ last, single }: { last: CommandView | undefined; single: Field | undefined }) {
  if (!last || !isUnderWay(last)) return null;
  const value = single && last.params[single.name];
  const isSaid = single && value !== undefined && value !== null;
  return (
    <span class="asked-mark">{isSaid ? words.asked(valueWords(single, value)) : outcomeOf(last).word}</span>
  );
}

/** How the last one ended, where that was not good: for a while. */
function BadEnd({ last, now }: { last: CommandView | undefined; now: number }) {
  if (!last || (isUnderWay(last) && last.state !== 'timed_out')) return null;
  const { look, word } = outcomeOf(last);
  if (look === 'plain' || look === 'verified' || now - (last.finishedAt ?? last.createdAt) > TOLD_MS)
    return null;
  const { short } = words.outcome;
  const text = look === 'unknown' ? (last.state === 'timed_out' ? short.unknown : short.unproven) : word;
  return <span class={`badge is-${look}`}>{text}</span>;
}

function describe({ description }: CommandDocument, single: Field | undefined): string {
  return description ?? (single ? [single.title, boundsOf(single)].filter(Boolean).join('. ') : '');
}

function rounded(value: Value, decimals: number | null | undefined): Value {
  if (typeof value !== 'number' || Number.isInteger(value)) return value;
  return Number(value.toFixed(decimals ?? 3));
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const idOf = (command: string, field: string): string => `cmd-${command}-${field}`;
