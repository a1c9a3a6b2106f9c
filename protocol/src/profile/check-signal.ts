import { type Fault, type Path, wrong } from './fault.js';
import { checkValue, isNumeric } from './range.js';
import type { MetricDocument, SignalDocument, Wave } from './schema.js';

type Field = Exclude<keyof SignalDocument, 'wave'>;

interface WaveRule {
  /** One field of each list must be there. */
  readonly needs: readonly (readonly Field[])[];
  readonly takes: readonly Field[];
  /** Types of metrics that it can make; null for any. */
  readonly makes: 'numbers' | 'booleans' | null;
}

/** The fields of each wave; {@link SignalDocument} says what they mean. */
const WAVE_RULES: Readonly<Record<Wave, WaveRule>> = {
  sine: { needs: [['amplitude'], ['period']], takes: ['mean', 'noise', 'dropout'], makes: 'numbers' },
  diurnal: { needs: [['amplitude']], takes: ['mean', 'period', 'noise', 'dropout'], makes: 'numbers' },
  walk: { needs: [['step']], takes: ['mean', 'amplitude', 'noise', 'dropout'], makes: 'numbers' },
  steps: { needs: [['values'], ['every']], takes: ['noise', 'dropout'], makes: null },
  noise: { needs: [['amplitude']], takes: ['mean', 'dropout'], makes: 'numbers' },
  constant: { needs: [['mean', 'values']], takes: ['noise', 'dropout'], makes: null },
  toggle: { needs: [['probability', 'every']], takes: ['dropout'], makes: 'booleans' },
};

/** What is wrong with how a metric is simulated. */
export function checkSignal(path: Path, signal: SignalDocument, metric: MetricDocument): Fault[] {
  const rule = WAVE_RULES[signal.wave];
  const { wave, ...fields } = signal;
  const faults: Fault[] = [];
  const cannot = (rule.makes === 'numbers' && !isNumeric(metric.type)) || madeOtherThan(rule, metric);
  if (cannot) {
    faults.push(wrong([...path, 'wave'], `${wave} makes ${rule.makes}, but the metric is ${metric.type}`));
  }
  const allowed = [...rule.needs.flat(), ...rule.takes];
  for (const key of Object.keys(fields) as Field[]) {
    if (!allowed.includes(key)) {
      faults.push({
        path: [...path, key],
        at: 'key',
        reason: `${wave} does not use it`,
        allowed: `allowed: ${allowed.join(', ')}`,
      });
    }
  }
  for (const oneOf of rule.needs) {
    if (!oneOf.some((key) => signal[key] !== undefined)) {
      faults.push(wrong(path, `${oneOf.join(' or ')} is missing for ${wave}`));
    }
  }
  if (signal.noise !== undefined && !isNumeric(metric.type)) {
    faults.push(wrong([...path, 'noise'], `applies to numbers, but the metric is ${metric.type}`));
  }
  signal.values?.forEach((value, index) => {
    faults.push(...checkValue([...path, 'values', index], value, metric));
  });
  if (signal.mean !== undefined)
    faults.push(...checkValue([...path, 'mean'], signal.mean, { ...metric, type: 'number' }));
  return faults;
}

function madeOtherThan(rule: WaveRule, metric: MetricDocument): boolean {
  return rule.makes === 'booleans' && metric.type !== 'boolean';
}
