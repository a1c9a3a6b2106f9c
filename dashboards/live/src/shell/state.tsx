import type { Severity } from '../live/raised.js';
import type { DeviceState } from '../live/state.js';
import { stateWords } from '../strings.js';
import { Icon } from './icon.js';

/** A state as shape and word; colour comes third. */
export function State({ state, quiet = false }: { state: DeviceState | Severity; quiet?: boolean }) {
  return (
    <span class={`st is-${state}`} title={quiet ? stateWords[state] : undefined}>
      <Icon name={state} />
      <span class={quiet ? 'vh' : 'w'}>{stateWords[state]}</span>
    </span>
  );
}
