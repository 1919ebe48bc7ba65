import { z } from 'zod';
import { type BackoffHistory, fitBackoff } from '@/lib/domain/backoff-fit';
import type { KubeObject, Part } from '@/lib/domain/collected';
import { NOTHING_KNOWN, type NodeFacts, type NodeFactsByName } from '@/lib/domain/node-facts';
import { background } from '@/server/log';

const NodeSchema = z.object({ status: z.object({ nodeInfo: z.object({ kubeletVersion: z.string() }) }) });
/** A fit reads at most so many histories of a node. */
const MAX_HISTORIES = 200;

/** Learns of each node on which something fails the minor of its kubelet, and the base and cap that its waits fit. */
export class NodeKnowledge {
  readonly #facts = new Map<string, NodeFacts>();
  readonly #read: (name: string) => Promise<Part<KubeObject>>;
  #fresh = new Set<string>();

  /** `read` fetches a node; it is asked once per node, in the background. */
  constructor(read: (name: string) => Promise<Part<KubeObject>>) {
    this.#read = read;
  }

  get facts(): NodeFactsByName {
    return this.#facts;
  }

  /** Something fails on this node; empty where it has none yet. */
  meet(node: string): void {
    if (node === '' || this.#facts.has(node)) return;
    this.#facts.set(node, NOTHING_KNOWN);
    background(this.#ask(node), `kubelet version of ${node}`);
  }

  /** Learns base and cap of a node from the recorded histories of containers on it. */
  learn(node: string, histories: readonly BackoffHistory[]): void {
    const facts = this.#facts.get(node);
    if (!facts) return;
    this.#facts.set(node, { ...facts, fit: fitBackoff(histories.slice(-MAX_HISTORIES), facts.kubeletMinor) });
  }

  /** Nodes whose version became known since this was last called. */
  takeFresh(): ReadonlySet<string> {
    const fresh = this.#fresh;
    this.#fresh = new Set();
    return fresh;
  }

  async #ask(node: string): Promise<void> {
    const answer = await this.#read(node);
    const parsed = 'value' in answer ? NodeSchema.safeParse(answer.value) : null;
    const minor = /^v?\d+\.(\d+)/.exec(parsed?.data?.status.nodeInfo.kubeletVersion ?? '')?.[1];
    if (minor === undefined) return;
    this.#facts.set(node, { ...(this.#facts.get(node) ?? NOTHING_KNOWN), kubeletMinor: Number(minor) });
    this.#fresh.add(node);
  }
}
