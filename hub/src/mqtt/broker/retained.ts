import type { AedesPublishPacket } from 'aedes';

interface Node {
  readonly children: Map<string, Node>;
  packet: AedesPublishPacket | null;
}

/** The retained messages, all of them the hub's own: as many as there are devices, times their few topics. */
export class Retained {
  readonly #root: Node = { children: new Map(), packet: null };
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Keeps the message as the last one of its topic; an empty one clears the topic (MQTT 3.1.1 §3.3.1.3). */
  put(packet: AedesPublishPacket): void {
    const levels = packet.topic.split('/');
    if (packet.payload.length === 0) {
      if (remove(this.#root, levels, 0)) this.#size -= 1;
      return;
    }
    let node = this.#root;
    for (const level of levels) {
      let child = node.children.get(level);
      if (child === undefined) {
        child = { children: new Map(), packet: null };
        node.children.set(level, child);
      }
      node = child;
    }
    if (node.packet === null) this.#size += 1;
    node.packet = packet;
  }

  /** The message of this topic. */
  get(topic: string): AedesPublishPacket | undefined {
    let node: Node | undefined = this.#root;
    for (const level of topic.split('/')) node = node?.children.get(level);
    return node?.packet ?? undefined;
  }

  /** The messages that match any of the filters, each once, found while they are asked for. */
  *matching(filters: readonly string[]): Generator<AedesPublishPacket> {
    const seen = filters.length > 1 ? new Set<string>() : null;
    for (const filter of filters) {
      for (const packet of find(this.#root, filter.split('/'), 0)) {
        if (seen?.has(packet.topic)) continue;
        seen?.add(packet.topic);
        yield packet;
      }
    }
  }
}

function* find(node: Node, levels: readonly string[], depth: number): Generator<AedesPublishPacket> {
  const level = levels[depth];
  if (level === undefined) {
    if (node.packet !== null) yield node.packet;
    return;
  }
  if (level === '#') {
    yield* everything(node, depth === 0);
    return;
  }
  if (level === '+') {
    for (const [name, child] of node.children) {
      if (depth > 0 || !name.startsWith('$')) yield* find(child, levels, depth + 1);
    }
    return;
  }
  const child = node.children.get(level);
  if (child !== undefined) yield* find(child, levels, depth + 1);
}

function* everything(node: Node, isRoot: boolean): Generator<AedesPublishPacket> {
  if (node.packet !== null) yield node.packet;
  for (const [name, child] of node.children) {
    if (!isRoot || !name.startsWith('$')) yield* everything(child, false);
  }
}

function remove(node: Node, levels: readonly string[], depth: number): boolean {
  const level = levels[depth];
  if (level === undefined) {
    const had = node.packet !== null;
    node.packet = null;
    return had;
  }
  const child = node.children.get(level);
  if (child === undefined || !remove(child, levels, depth + 1)) return false;
  if (child.packet === null && child.children.size === 0) node.children.delete(level);
  return true;
}
