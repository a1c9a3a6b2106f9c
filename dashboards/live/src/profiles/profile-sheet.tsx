import type { MetricDocument, ProfileView, ValueType } from '@fieldline/protocol/browser';
import type { ComponentChildren } from 'preact';
import { titleOf } from '../format/metric.js';
import { unitSymbol } from '../format/unit.js';
import { profiles as words } from '../strings/profiles.js';
import { words as common } from '../strings/words.js';
import {
  boundsWords,
  paramsWords,
  proofWords,
  rangeWords,
  thresholdWords,
  valueWords,
} from './profile-words.js';

/** A metric that an admin may give another type. */
export interface Retypable {
  readonly metric: string;
  readonly type: ValueType;
}

interface ProfileSheetProps {
  readonly profile: ProfileView;
  /** Asks to give a metric another type; null where that is not offered. */
  readonly onRetype: ((metric: Retypable) => void) | null;
}

/** All that a profile says: metrics and their limits, commands and their proof, settings, and the simulator's signals. */
export function ProfileSheet({ profile, onRetype }: ProfileSheetProps) {
  const { metrics, commands = {}, config = {}, simulate = {}, retyped } = profile;
  const { columns } = words;
  const unnamed = Object.keys(retyped).filter((name) => !Object.hasOwn(metrics, name));
  const rows: [string, MetricDocument | null][] = [
    ...Object.entries(metrics),
    ...unnamed.map((name): [string, null] => [name, null]),
  ];
  return (
    <div class="profile-sheet">
      {profile.description && <p class="pad sub">{profile.description}</p>}
      {rows.length > 0 && (
        <Part
          title={words.parts.metrics}
          heads={[columns.name, columns.title, columns.type, columns.unit, columns.range, columns.limits]}
          act={onRetype !== null}
        >
          {rows.map(([name, metric]) => {
            const changed = retyped[name];
            const type = changed?.type ?? valueType(metric?.type ?? 'number');
            return (
              <tr key={name}>
                <td class="mono">{name}</td>
                <td>{metric?.title ?? titleOf(name)}</td>
                <td>
                  {changed ? (
                    <span class="tag" title={words.retypedHow}>
                      {words.retyped(changed.type, changed.fixedAt)}
                    </span>
                  ) : (
                    metric?.type
                  )}
                </td>
                <td class="sub">{metric && unitSymbol(metric.unit ?? null)}</td>
                <td class="sub">{metric && rangeWords(metric)}</td>
                <td>{metric && <Limits metric={metric} />}</td>
                {onRetype && (
                  <td class="end">
                    <button
                      type="button"
                      class="btn tiny"
                      aria-label={words.retype.openOf(name)}
                      onClick={() => onRetype({ metric: name, type })}
                    >
                      {words.retype.open}
                    </button>
                  </td>
                )}
              </tr>
            );
          })}
        </Part>
      )}
      {Object.keys(commands).length > 0 && (
        <Part
          title={words.parts.commands}
          heads={[columns.name, columns.title, columns.params, columns.answer, columns.proof]}
        >
          {Object.entries(commands).map(([name, command]) => (
            <tr key={name}>
              <td class="mono">{name}</td>
              <td>
                {command.title ?? ''} {command.danger && <span class="badge">{words.danger}</span>}
              </td>
              <td class="sub">{paramsWords(command)}</td>
              <td class="sub">{command.timeout ? common.hold(command.timeout) : ''}</td>
              <td class="sub wide">{proofWords(command)}</td>
            </tr>
          ))}
        </Part>
      )}
      {Object.keys(config).length > 0 && (
        <Part
          title={words.parts.config}
          heads={[columns.name, columns.title, columns.type, columns.range, columns.fallback]}
        >
          {Object.entries(config).map(([name, param]) => (
            <tr key={name}>
              <td class="mono">{name}</td>
              <td>{param.title ?? titleOf(name)}</td>
              <td>{param.type}</td>
              <td class="sub">{rangeWords(param)}</td>
              <td class="sub">{param.default === undefined ? '' : valueWords(param.default)}</td>
            </tr>
          ))}
        </Part>
      )}
      {Object.keys(simulate).length > 0 && (
        <Part title={words.parts.simulate} heads={[columns.name, columns.wave, columns.how]}>
          {Object.entries(simulate).map(([name, { wave, ...rest }]) => (
            <tr key={name}>
              <td class="mono">{name}</td>
              <td>{wave}</td>
              <td class="sub wide">{boundsWords(rest)}</td>
            </tr>
          ))}
        </Part>
      )}
    </div>
  );
}

function Limits({ metric: { warn, alarm } }: { metric: MetricDocument }) {
  return (
    <>
      {warn && <div class="is-warn">{words.limit('warn', thresholdWords(warn))}</div>}
      {alarm && <div class="is-alarm">{words.limit('alarm', thresholdWords(alarm))}</div>}
    </>
  );
}

interface PartProps {
  readonly title: string;
  readonly heads: readonly string[];
  readonly act?: boolean;
  readonly children: ComponentChildren;
}

function Part({ title, heads, act = false, children }: PartProps) {
  return (
    <>
      <h3>{title}</h3>
      <div class="scroll">
        <table class="tb fold" aria-label={title}>
          <thead>
            <tr>
              {heads.map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
              {act && (
                <th scope="col">
                  <span class="vh">{words.columns.act}</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      </div>
    </>
  );
}

/** The type that values have: an integer is a number. */
const valueType = (type: MetricDocument['type']): ValueType => (type === 'integer' ? 'number' : type);
