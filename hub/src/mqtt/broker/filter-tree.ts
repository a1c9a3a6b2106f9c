interface Node<Value> {
  readonly children: Map<string, Node<Value>>;
  readonly values: Set<Value>;
}

/**
 * Finds the topic filters that match a topic (MQTT 3.1.1 §4.7), however many there are. A value is held once for
 * each filter. A wildcard at the beginning does not match topics that begin with `$`.
 */
export class FilterTree<Value> {
  readonly #root: Node<Value> = { children: new Map(), values: new Set() };
  #size = 0;

  /** Pairs of a filter and a value. */
  get size(): number {
    return this.#size;
  }

  add(filter: string, value: Value): void {
    let node = this.#root;
    for (const level of filter.split('/')) {
      let child = node.children.get(level);
      if (child === undefined) {
        child = { children: new Map(), values: new Set() };
        node.children.set(level, child);
      }
      node = child;
    }
    if (node.values.has(value)) return;
    node.values.add(value);
    this.#size += 1;
  }

  remove(filter: string, value: Value): void {
    if (this.#remove(this.#root, filter.split('/'), 0, value)) this.#size -= 1;
  }

  /** The values of all filters that match: one is there as often as filters of its own match. */
  match(topic: string): Value[] {
    const found: Value[] = [];
    if (this.#size > 0) collect(this.#root, topic.split('/'), 0, topic.startsWith('$'), found);
    return found;
  }

  /** Cuts the branches that hold nothing any more. */
  #remove(node: Node<Value>, levels: readonly string[], depth: number, value: Value): boolean {
    const level = levels[depth];
    if (level === undefined) return node.values.delete(value);
    const child = node.children.get(level);
    if (child === undefined || !this.#remove(child, levels, depth + 1, value)) return false;
    if (child.values.size === 0 && child.children.size === 0) node.children.delete(level);
    return true;
  }
}

function collect<Value>(
  node: Node<Value>,
  levels: readonly string[],
  depth: number,
  noWildcard: boolean,
  found: Value[],
): void {
  // `a/#` matches `a`, too.
  if (!noWildcard) for (const value of node.children.get('#')?.values ?? []) found.push(value);
  const level = levels[depth];
  if (level === undefined) {
    for (const value of node.values) found.push(value);
    return;
  }
  const same = node.children.get(level);
  if (same !== undefined) collect(same, levels, depth + 1, false, found);
  const any = noWildcard ? undefined : node.children.get('+');
  if (any !== undefined && level !== '+') collect(any, levels, depth + 1, false, found);
}

/** Whether one topic filter matches a topic (MQTT 3.1.1 §4.7). */
export function matches(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  if (topic.startsWith('$') && (wanted[0] === '#' || wanted[0] === '+')) return false;
  for (const [at, level] of wanted.entries()) {
    if (level === '#') return true;
    if (at >= levels.length || (level !== '+' && level !== levels[at])) return false;
  }
  return wanted.length === levels.length;
}
