import {
  BOARDS,
  type Board,
  type ConnectionView,
  deviceSocketUrl,
  exampleValues,
  isLoopbackUrl,
  mqttAddressOf,
  type ProfileDocument,
  parseDuration,
  placeOf,
  sketchOf,
} from '@fieldline/protocol/browser';
import { useMemo, useState } from 'preact/hooks';
import { Icon } from '../shell/icon.js';
import { Tabs } from '../shell/tabs.js';
import { connect as words } from '../strings/connect.js';
import { addressesFor } from './addresses.js';
import { CopyText } from './copy-text.js';
import { highlight } from './highlight.js';
import { QUIET_ZONE, qrPath } from './qr-path.js';

interface SketchStepProps {
  readonly connection: ConnectionView;
  readonly profile: ProfileDocument | null;
  readonly device: string;
  /** Null where it is not known any more. */
  readonly token: string | null;
  readonly hubUrl: string;
  readonly onHubUrl: (url: string) => void;
}

const INTERVAL_MS = 10_000;

/** A program for the device, for whatever it is made of, and the same as a picture. */
export function SketchStep({ connection, profile, device, token, hubUrl, onHubUrl }: SketchStepProps) {
  const [board, setBoard] = useState<Board>('arduino-esp32');
  const addresses = addressesFor(location.origin, connection);
  const shown = token ?? words.secretToken;
  const code = useMemo(
    () =>
      sketchOf(board, {
        hubUrl,
        device,
        token: shown,
        values: exampleValues(profile),
        intervalMs: Math.max(1_000, parseDuration(profile?.interval ?? '') ?? INTERVAL_MS),
        mqtt: mqttAddressOf(hubUrl, connection.mqtt),
      }),
    [board, hubUrl, device, shown, profile, connection],
  );
  return (
    <section class="panel" aria-labelledby="put-head">
      <header>
        <span class="stepno">3</span>
        <h2 id="put-head">{words.put}</h2>
        <span class="grow" />
        <CopyText text={code} label={words.copySketch} short={words.copy} />
      </header>
      {connection.loopbackOnly && <LoopbackNote otherUrls={connection.otherUrls} />}
      {addresses.length > 1 && (
        <label class="field pad reach">
          <span>{words.reachedAt}</span>
          <select class="in" value={hubUrl} onChange={(event) => onHubUrl(event.currentTarget.value)}>
            {addresses.map((url) => (
              <option key={url} value={url}>
                {url}
              </option>
            ))}
          </select>
        </label>
      )}
      <Tabs label={words.sketchFor} tabs={BOARDS} names={words.boards} tab={board} onTab={setBoard} />
      <div class="pad sketch" role="tabpanel" id={`panel-${board}`} aria-labelledby={`tab-${board}`}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
        <pre class="code" tabIndex={0}>
          <code>
            <Highlighted code={code} values={[device, shown, placeOf(hubUrl).host]} />
          </code>
        </pre>
        {token !== null && <Qr text={deviceSocketUrl(hubUrl, { device, token })} />}
      </div>
      {token !== null && !isLoopbackUrl(hubUrl) && hubUrl.startsWith('http:') && (
        <p class="pad sub small">{words.plainHead}</p>
      )}
    </section>
  );
}

function LoopbackNote({ otherUrls }: { otherUrls: readonly string[] }) {
  return (
    <div class="note is-warn flat">
      <Icon name="warn" />
      <div>
        <b>{words.loopbackHead}</b>
        <p>
          {words.loopbackBody}
          {otherUrls.length > 0 && ` ${words.loopbackThen}`}
          {otherUrls.length > 0 && <span class="mono">{otherUrls.join(', ')}</span>}
          {otherUrls.length > 0 && '.'}
        </p>
      </div>
    </div>
  );
}

const CLASSES = { comment: 'c', string: 's', keyword: 'k' } as const;

function Highlighted({ code, values }: { code: string; values: readonly string[] }) {
  return (
    <>
      {highlight(code, values).map(({ kind, text }, index) => {
        if (kind === 'plain') return text;
        if (kind === 'value') return <mark key={index}>{text}</mark>;
        return (
          <span key={index} class={CLASSES[kind]}>
            {text}
          </span>
        );
      })}
    </>
  );
}

/** Black on white in both themes: many cameras read nothing else. */
function Qr({ text }: { text: string }) {
  const { size, path } = useMemo(() => qrPath(text), [text]);
  const side = size + 2 * QUIET_ZONE;
  return (
    <figure class="qr-figure">
      <svg
        class="qr"
        viewBox={`${-QUIET_ZONE} ${-QUIET_ZONE} ${side} ${side}`}
        role="img"
        aria-label={words.qrName}
        shape-rendering="crispEdges"
      >
        <rect class="qr-light" x={-QUIET_ZONE} y={-QUIET_ZONE} width={side} height={side} />
        <path class="qr-dark" d={path} />
      </svg>
      <figcaption class="sub small">{words.qrSays}</figcaption>
    </figure>
  );
}
