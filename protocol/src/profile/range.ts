import type { ValueType } from '../codes.js';
import type { Value } from '../messages/fields.js';
import { type Fault, type Path, wrong } from './fault.js';
import type { DeclaredType } from './schema.js';

/** What a value of a metric, a parameter or a key of the configuration must fit. */
export interface Ranged {
  readonly type: DeclaredType;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly enum?: readonly Value[] | undefined;
}

/** Whether bounds and lists fit the type, and one another. */
export function checkRange(path: Path, range: Ranged): Fault[] {
  const faults: Fault[] = [];
  for (const key of ['min', 'max'] as const) {
    if (range[key] !== undefined && !isNumeric(range.type)) {
      faults.push(wrong([...path, key], `applies to numbers, not to ${range.type}`));
    }
  }
  if (range.min !== undefined && range.max !== undefined && range.min >= range.max) {
    faults.push(wrong([...path, 'min'], `${range.min} is not below max (${range.max})`));
  }
  range.enum?.forEach((value, index) => {
    faults.push(...checkValue([...path, 'enum', index], value, { ...range, enum: undefined }));
    if (range.enum?.indexOf(value) !== index) {
      faults.push(wrong([...path, 'enum', index], `${JSON.stringify(value)} is there twice`));
    }
  });
  return faults;
}

/** Whether a value fits the type, range and list that it will be checked against. */
export function checkValue(path: Path, value: Value, range: Ranged): Fault[] {
  if (typeof value !== valueType(range.type) || (range.type === 'integer' && !Number.isInteger(value))) {
    return [wrong(path, `${JSON.stringify(value)} is not of type ${range.type}`)];
  }
  if (typeof value === 'number' && value < (range.min ?? -Infinity)) {
    return [wrong(path, `${value} is below min (${range.min})`)];
  }
  if (typeof value === 'number' && value > (range.max ?? Infinity)) {
    return [wrong(path, `${value} is above max (${range.max})`)];
  }
  if (range.enum !== undefined && !range.enum.includes(value)) {
    return [wrong(path, `${JSON.stringify(value)} is not in enum`, `allowed: ${range.enum.join(', ')}`)];
  }
  return [];
}

export function isNumeric(type: DeclaredType): boolean {
  return type === 'number' || type === 'integer';
}

/** The type that values of a declared type have on the wire. */
export function valueType(type: DeclaredType): ValueType {
  return type === 'integer' ? 'number' : type;
}
