import { closest } from './closest.js';
import { type Fault, type Path, wrong } from './fault.js';

/**
 * The part of JSON Schema that profile files need. TypeBox values are plain JSON Schema, so they fit. Written
 * here rather than taken from a validator because people read what it says: it names the unknown key, guesses
 * the one that was meant, and reports everything at once.
 */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Everything in which `value` is not what `schema` describes, in the order of the document. */
export function shapeFaults(value: unknown, schema: object, path: Path = []): Fault[] {
  const rule = schema as Schema;
  const types = typeof rule.type === 'string' ? [rule.type] : (rule.type ?? []);
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) {
    const expected = types.map((type) => TYPE_WORDS[type] ?? type).join(' or ');
    return [wrong(path, `${expected} expected, got ${wordFor(value)}`, rule.description)];
  }
  if (typeof value === 'string') return textFaults(value, rule, path);
  if (typeof value === 'number') return numberFaults(value, rule, path);
  if (Array.isArray(value)) return listFaults(value, rule, path);
  if (typeof value === 'object' && value !== null) return mapFaults(value, rule, path);
  return [];
}

function mapFaults(map: object, rule: Schema, path: Path): Fault[] {
  const faults: Fault[] = [];
  const entryRule = Object.values(rule.patternProperties ?? {})[0];
  const known = rule.properties ?? {};
  for (const [key, item] of Object.entries(map)) {
    const itemRule = Object.hasOwn(known, key) ? known[key] : entryRule;
    if (itemRule === undefined) faults.push(unknownKey(key, Object.keys(known), path));
    else faults.push(...shapeFaults(item, itemRule, [...path, key]));
  }
  for (const key of rule.required ?? []) {
    if (!Object.hasOwn(map, key)) faults.push(wrong(path, `${key} is missing`, hint(known[key])));
  }
  return faults;
}

/** What a schema allows, in a few words. */
function hint(rule: Schema | undefined): string | undefined {
  return rule?.enum === undefined ? rule?.description : `allowed: ${rule.enum.join(', ')}`;
}

function unknownKey(key: string, known: readonly string[], path: Path): Fault {
  const meant = closest(key, known);
  const reason = meant === undefined ? 'unknown key' : `unknown key; did you mean ${meant}?`;
  return { path: [...path, key], at: 'key', reason, allowed: `allowed: ${known.join(', ')}` };
}

function listFaults(list: readonly unknown[], rule: Schema, path: Path): Fault[] {
  const faults: Fault[] = [];
  if (list.length < (rule.minItems ?? 0)) faults.push(wrong(path, `at least ${rule.minItems} entry`));
  if (list.length > (rule.maxItems ?? Infinity)) {
    faults.push(wrong(path, `at most ${rule.maxItems} entries, got ${list.length}`));
  }
  const { items } = rule;
  if (items !== undefined) {
    list.forEach((item, index) => {
      faults.push(...shapeFaults(item, items, [...path, index]));
    });
  }
  return faults;
}

function textFaults(text: string, rule: Schema, path: Path): Fault[] {
  if (rule.enum !== undefined && !rule.enum.includes(text)) {
    const words = rule.enum.map(String);
    const meant = closest(text, words);
    const reason = `${JSON.stringify(text)} is none of the known words`;
    return [wrong(path, meant === undefined ? reason : `${reason}; did you mean ${meant}?`, hint(rule))];
  }
  if (rule.pattern !== undefined && !new RegExp(rule.pattern).test(text)) {
    return [wrong(path, `${JSON.stringify(text)} does not fit`, rule.description ?? rule.pattern)];
  }
  if (text.length < (rule.minLength ?? 0)) return [wrong(path, 'must not be empty')];
  if (text.length > (rule.maxLength ?? Infinity)) {
    return [wrong(path, `at most ${rule.maxLength} characters, got ${text.length}`)];
  }
  return [];
}

function numberFaults(value: number, rule: Schema, path: Path): Fault[] {
  const { minimum, maximum } = rule;
  if (minimum !== undefined && value < minimum) return [wrong(path, `at least ${minimum}, got ${value}`)];
  if (maximum !== undefined && value > maximum) return [wrong(path, `at most ${maximum}, got ${value}`)];
  return [];
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  object: 'a map',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
};

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return Number.isFinite(value);
    default:
      return typeof value === type;
  }
}

function wordFor(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
