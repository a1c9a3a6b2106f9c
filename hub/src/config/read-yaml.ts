import { type Document, isAlias, isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type { ConfigProblem } from './config-error.js';
import { type ReadValue, readValue } from './read-value.js';
import type { Setting, SettingValue } from './setting.js';
import { sections, settings } from './settings.js';
import { suggest } from './suggest.js';

/**
 * Settings found in a YAML file, by key. A key without a value counts as not set.
 * @param fileName for the positions in problems
 */
export function readYaml(
  source: string,
  fileName: string,
  problems: ConfigProblem[],
): Map<string, SettingValue> {
  return new YamlReader(source, fileName, problems).read();
}

class YamlReader {
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;
  readonly #fileName: string;
  readonly #problems: ConfigProblem[];
  readonly #values = new Map<string, SettingValue>();

  constructor(source: string, fileName: string, problems: ConfigProblem[]) {
    this.#document = parseDocument(source, { lineCounter: this.#lines, prettyErrors: false });
    this.#fileName = fileName;
    this.#problems = problems;
  }

  read(): Map<string, SettingValue> {
    for (const error of this.#document.errors) {
      this.#problem('YAML', error.pos[0], { reason: error.message });
    }
    if (this.#document.errors.length === 0 && this.#document.contents !== null) {
      this.#section(this.#document.contents, '');
    }
    return this.#values;
  }

  /** Reads a map; `above` is its key with a dot, or nothing for the whole file. */
  #section(node: Node, above: string): void {
    const map = isAlias(node) ? node.resolve(this.#document) : node;
    if (isScalar(map) && map.value === null) return;
    if (!isMap(map)) {
      const key = above === '' ? 'the file' : above.slice(0, -1);
      this.#problem(key, node.range?.[0], { reason: 'is not a map', allowed: 'a map of keys and values' });
      return;
    }
    for (const pair of map.items) {
      const keyNode = pair.key as Node;
      const name = isScalar(keyNode) ? String(keyNode.value) : String(keyNode);
      this.#entry(above + name, keyNode.range?.[0], pair.value as Node | null);
    }
  }

  #entry(key: string, offset: number | undefined, node: Node | null): void {
    const named = settings.get(key);
    if (sections.has(key)) {
      if (node !== null) this.#section(node, `${key}.`);
    } else if (named === undefined) {
      const suggestion = suggest(key, [...settings.keys(), ...sections]);
      const reason = 'there is no such key';
      this.#problem(key, offset, suggestion === undefined ? { reason } : { reason, suggestion });
    } else {
      const read = this.#value(named.setting, node);
      if (read === undefined) return;
      if ('value' in read) this.#values.set(key, read.value);
      else this.#problem(key, node?.range?.[0], { reason: read.reason, allowed: named.setting.allowed });
    }
  }

  /** Undefined where nothing stands. */
  #value(setting: Setting, node: Node | null): ReadValue | undefined {
    try {
      const raw: unknown = node?.toJS(this.#document) ?? null;
      return raw === null ? undefined : readValue(setting, raw);
    } catch (error) {
      // An alias that leads nowhere, or to too much.
      return { reason: error instanceof Error ? error.message : String(error) };
    }
  }

  #problem(key: string, offset: number | undefined, rest: Omit<ConfigProblem, 'key' | 'where'>): void {
    const { line, col } = this.#lines.linePos(offset ?? 0);
    this.#problems.push({ key, where: `${this.#fileName}:${line}:${col}`, ...rest });
  }
}
