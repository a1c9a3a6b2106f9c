import type { ProfileCheck } from '@fieldline/protocol/browser';
import { useRef, useState } from 'preact/hooks';
import * as hub from '../api/hub.js';
import { Icon } from '../shell/icon.js';
import { profiles } from '../strings/profiles.js';
import { offsetOf } from './offset.js';
import { ProfileSheet } from './profile-sheet.js';

const words = profiles.check;

/** Checks a profile before it becomes a file: what is wrong and where, or what the hub would make of it. */
export function CheckPanel({ known }: { known: readonly string[] }) {
  const box = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState('');
  const [checked, setChecked] = useState<{ text: string; check: ProfileCheck }>();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  const go = async () => {
    if (busy || text.trim() === '') return;
    setBusy(true);
    setTrouble('');
    try {
      setChecked({ text, check: await hub.checkProfile(text) });
    } catch {
      setTrouble(words.unanswered);
    }
    setBusy(false);
  };
  const show = (line: number, column: number) => {
    const at = offsetOf(text, line, column);
    box.current?.focus();
    box.current?.setSelectionRange(at, at);
  };
  const check = checked?.check;
  return (
    <section class="panel" aria-labelledby="check-head">
      <header>
        <h2 id="check-head">{words.title}</h2>
        <span class="sub small">{words.says}</span>
        <span class="grow" />
        {text === '' && (
          <button type="button" class="btn tiny" onClick={() => setText(profiles.example)}>
            {words.fill}
          </button>
        )}
      </header>
      <div class="pad stack check">
        <textarea
          ref={box}
          class="in mono code"
          aria-label={words.label}
          aria-describedby="check-hint"
          rows={14}
          maxLength={65_536}
          spellcheck={false}
          autocomplete="off"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && event.ctrlKey && void go()}
        />
        <div class="row wrap">
          <span class="sub small" id="check-hint">
            {words.hint}
          </span>
          <span class="grow" />
          <button
            type="button"
            class="btn main"
            aria-busy={busy}
            aria-disabled={text.trim() === ''}
            onClick={() => void go()}
          >
            {busy ? words.busy : words.go}
          </button>
        </div>
        <div role="status" class="stack">
          {trouble && (
            <div class="note is-alarm">
              <Icon name="failed" />
              <div>{trouble}</div>
            </div>
          )}
          {check?.profile && (
            <div class="note is-ok">
              <Icon name="check" />
              <div>
                {words.good(check)}
                {known.includes(check.profile.profile) && <p>{words.replaces(check.profile.profile)}</p>}
                {checked?.text !== text && <p class="sub">{words.stale}</p>}
              </div>
            </div>
          )}
          {check && check.problems.length > 0 && (
            <>
              <p>
                <b>{words.problems(check.problems.length)}</b>{' '}
                {checked.text !== text && <span class="sub">{words.stale}</span>}
              </p>
              <ol class="problems">
                {check.problems.map((problem) => (
                  <Problem
                    key={`${problem.line} ${problem.column} ${problem.reason}`}
                    text={checked.text}
                    problem={problem}
                    onShow={show}
                  />
                ))}
              </ol>
            </>
          )}
        </div>
      </div>
      {check?.profile && <ProfileSheet profile={check.profile} onRetype={null} />}
    </section>
  );
}

interface ProblemProps {
  readonly text: string;
  readonly problem: ProfileCheck['problems'][number];
  readonly onShow: (line: number, column: number) => void;
}

/** One problem, and its line with what is wrong marked in it. */
function Problem({ text, problem: { line, column, path, reason, allowed }, onShow }: ProblemProps) {
  const at = text.split('\n')[line - 1] ?? '';
  const rest = at.slice(column - 1);
  const wrong = /^[^\s,}\]]+/.exec(rest)?.[0] ?? rest;
  return (
    <li>
      <p class="err">
        <Icon name="failed" glyph />
        <span>
          <button type="button" class="link" onClick={() => onShow(line, column)}>
            {words.at(line, column)}
          </button>
          : {path && <span class="mono">{path} </span>}
          {reason}
          {allowed && ` (${allowed})`}
        </span>
      </p>
      <pre class="frame">
        {String(line).padStart(3)} {'  '}
        {at.slice(0, column - 1)}
        <mark>{wrong}</mark>
        {rest.slice(wrong.length)}
      </pre>
    </li>
  );
}
