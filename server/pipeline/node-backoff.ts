import { z } from 'zod';
import type { KubeObject, Part } from '@/lib/diagnosis/evidence-source';
import type { BackoffOptions } from '@/lib/domain/backoff';
import { type BackoffParams, DEFAULT_BACKOFF } from '@/lib/domain/backoff-curve';
import { type BackoffFit, type BackoffHistory, fitBackoff } from '@/lib/domain/backoff-fit';
import { background } from '@/server/log';

const NodeSchema = z.object({ status: z.object({ nodeInfo: z.object({ kubeletVersion: z.string() }) }) });
/** A fit reads at most so many histories of a node. */
const MAX_HISTORIES = 200;

interface NodeFacts {
  kubeletMinor: number | null;
  fit: BackoffFit;
}

const NOTHING_KNOWN: BackoffFit = { params: DEFAULT_BACKOFF, basis: 'assumed', explained: 0, total: 0 };

/** What is known of each node's restart back-off: its kubelet's minor, and the base and cap that its waits fit. */
export class NodeBackoff {
  #nodes = new Map<string, NodeFacts>();
  #read: (name: string) => Promise<Part<KubeObject>>;

  /** `read` fetches a node; it is asked once per node, in the background. */
  constructor(read: (name: string) => Promise<Part<KubeObject>>) {
    this.#read = read;
  }

  /** Gives the options of the back-off model for a node; the widest slack and the defaults until more is known. */
  optionsOf(node: string): BackoffOptions & { readonly params: BackoffParams } {
    const facts = this.#nodes.get(node) ?? this.#ask(node);
    return { kubeletMinor: facts.kubeletMinor, params: facts.fit.params };
  }

  /** Gives how well the waits of a node fit the base and the cap that `optionsOf` tells. */
  fitOf(node: string): BackoffFit {
    return this.#nodes.get(node)?.fit ?? NOTHING_KNOWN;
  }

  /** Learns base and cap of a node from the recorded histories of containers on it. */
  learn(node: string, histories: readonly BackoffHistory[]): void {
    const facts = this.#nodes.get(node);
    if (facts) facts.fit = fitBackoff(histories.slice(-MAX_HISTORIES), facts.kubeletMinor);
  }

  #ask(node: string): NodeFacts {
    const facts: NodeFacts = { kubeletMinor: null, fit: NOTHING_KNOWN };
    if (node === '') return facts;
    this.#nodes.set(node, facts);
    background(
      this.#read(node).then((answer) => {
        const parsed = 'value' in answer ? NodeSchema.safeParse(answer.value) : null;
        const minor = /^v?\d+\.(\d+)/.exec(parsed?.data?.status.nodeInfo.kubeletVersion ?? '')?.[1];
        if (minor !== undefined) facts.kubeletMinor = Number(minor);
      }),
      `kubelet version of ${node}`,
    );
    return facts;
  }
}
