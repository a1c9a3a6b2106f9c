import { dump } from 'js-yaml';

/**
 * A text in which Grafana shall put variables of its environment: `$` stays what it is. In all other texts it is
 * doubled, because Grafana expands every text of a provisioning file.
 */
export class Expanded {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A variable of Grafana's environment. */
export function fromEnvironment(name: string, before = ''): Expanded {
  return new Expanded(`${before}$${'{'}${name}}`);
}

/** What Grafana does not expand, or finds nothing to expand in. */
export class Verbatim {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

const HEAD = '# Made by "fieldline dashboards" from the device profiles: what is changed here is lost.\n';

/** A provisioning file. */
export function yamlFile(content: object): string {
  return HEAD + dump(escaped(content), { noRefs: true, lineWidth: -1 });
}

function escaped(value: unknown): unknown {
  if (value instanceof Expanded) return value.text;
  if (value instanceof Verbatim) return value.value;
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map(escaped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, escaped(part)]));
}
