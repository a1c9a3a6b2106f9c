import { closest } from '@fieldline/protocol';
import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import type { ConfigProblem } from './config-error.js';
import type { Setting } from './setting.js';
import {
  BRIDGE_SETTINGS,
  PORT_SETTINGS,
  QUEUE_SETTINGS,
  USB_SETTINGS,
  type Written,
  type WrittenConfig,
  type WrittenPort,
} from './settings.js';

/** More serial ports than this on one machine are a mistake. */
const MAX_PORTS = 64;

type Settings = Readonly<Record<string, Setting>>;
/** Maps and lists within a map, by key. */
type Parts = Readonly<Record<string, (node: Node, key: string) => unknown>>;

/**
 * What a YAML file says, with a problem for each thing in it that will not do. A key without a value counts as not set.
 * @param fileName for the positions in problems
 */
export function readYaml(source: string, fileName: string, problems: ConfigProblem[]): WrittenConfig {
  return new YamlReader(source, fileName, problems).read();
}

class YamlReader {
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;
  readonly #fileName: string;
  readonly #problems: ConfigProblem[];

  constructor(source: string, fileName: string, problems: ConfigProblem[]) {
    this.#document = parseDocument(source, { lineCounter: this.#lines, prettyErrors: false });
    this.#fileName = fileName;
    this.#problems = problems;
  }

  read(): WrittenConfig {
    const { errors, contents } = this.#document;
    for (const error of errors) this.#problem('YAML', error.pos[0], { reason: error.message });
    if (errors.length > 0) return { ports: [] };
    const written = this.#map<typeof BRIDGE_SETTINGS>(contents, '', BRIDGE_SETTINGS, {
      queue: (node, key) => this.#map<typeof QUEUE_SETTINGS>(node, key, QUEUE_SETTINGS, {}),
      ports: (node, key) => this.#ports(node, key),
    });
    return { ports: [], ...written };
  }

  #ports(node: Node, key: string): WrittenPort[] {
    if (!isSeq(node)) {
      this.#problem(key, node.range?.[0], { reason: 'is not a list', allowed: 'a list of ports' });
      return [];
    }
    if (node.items.length > MAX_PORTS) {
      this.#problem(key, node.range?.[0], {
        reason: `has ${node.items.length} ports`,
        allowed: `at most ${MAX_PORTS}`,
      });
    }
    return node.items.map((item, index) => {
      const port = item as Node;
      const path = `${key}[${index}]`;
      const written = this.#map<typeof PORT_SETTINGS>(port, path, PORT_SETTINGS, {
        usb: (usb, usbKey) => this.#map<typeof USB_SETTINGS>(usb, usbKey, USB_SETTINGS, {}),
      });
      return { ...written, where: this.#where(port.range?.[0]), above: `${path}.` };
    });
  }

  #map<Table extends Settings>(
    node: Node | null,
    path: string,
    settings: Table,
    parts: Parts,
  ): Written<Table> {
    const map = node;
    const written: Record<string, unknown> = {};
    if (map === null || (isScalar(map) && map.value === null)) return written as Written<Table>;
    if (!isMap(map)) {
      const reason = 'is not a map of keys and values';
      this.#problem(path === '' ? 'the file' : path, node?.range?.[0], { reason });
      return written as Written<Table>;
    }
    for (const pair of (map as YAMLMap<Node, Node | null>).items) {
      const name = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
      const key = path === '' ? name : `${path}.${name}`;
      const value = this.#value(name, key, pair.value, settings, parts, pair.key.range?.[0]);
      if (value !== undefined) written[name] = value;
    }
    return written as Written<Table>;
  }

  #value(
    name: string,
    key: string,
    node: Node | null,
    settings: Settings,
    parts: Parts,
    offset: number | undefined,
  ): unknown {
    const [part, setting] = [ownOf(parts, name), ownOf(settings, name)];
    if (part === undefined && setting === undefined) {
      const suggestion = closest(name, [...Object.keys(settings), ...Object.keys(parts)]);
      const reason = 'there is no such key';
      this.#problem(key, offset, suggestion === undefined ? { reason } : { reason, suggestion });
      return undefined;
    }
    if (node === null || (isScalar(node) && node.value === null)) return undefined;
    if (part !== undefined) return part(node, key);
    const value = setting?.read(isScalar(node) ? node.value : undefined);
    if (value === undefined && setting !== undefined) {
      this.#problem(key, node.range?.[0], { reason: unfit(setting, node), allowed: setting.allowed });
    }
    return value;
  }

  #where(offset: number | undefined): string {
    const { line, col } = this.#lines.linePos(offset ?? 0);
    return `${this.#fileName}:${line}:${col}`;
  }

  #problem(key: string, offset: number | undefined, rest: Omit<ConfigProblem, 'key' | 'where'>): void {
    this.#problems.push({ key, where: this.#where(offset), ...rest });
  }
}

function ownOf<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function unfit(setting: Setting, node: Node): string {
  if (setting.secret) return 'the value will not do';
  if (!isScalar(node)) return 'is no single value';
  return `${JSON.stringify(node.value)} will not do`;
}
