import type { PodSnapshot } from '@/lib/domain/pod-snapshot';
import { UnloopError } from '@/lib/domain/unloop-error';
import type { WatchState } from '@/lib/domain/watch-state';
import type { ClusterTarget } from '@/server/kubernetes/cluster-targets';
import { EvidenceReader } from '@/server/kubernetes/evidence-reader';
import { KubeClient } from '@/server/kubernetes/kube-client';
import { watchCluster } from '@/server/kubernetes/watch-cluster';
import type { ClusterWatch, WatchHandlers } from '@/server/kubernetes/watch-cluster.types';

/** A configuration with a problem is read again this often. */
const CONFIG_AGAIN_MS = 3_000;
const NO_PODS: ReadonlyMap<string, PodSnapshot> = new Map();

interface Connected {
  readonly client: KubeClient;
  readonly reader: EvidenceReader;
  readonly watch: ClusterWatch;
}

/** What is told of a cluster: by its watch, and that its configuration was read again. */
export interface ConnectionHandlers extends WatchHandlers {
  onConfigured(): void;
}

/** Connecting: the cluster as it is configured, the client that speaks to it, and its watch. */
export class Connection {
  readonly #namespaces: readonly string[] | null;
  readonly #handlers: ConnectionHandlers;
  #target: ClusterTarget;
  #open: Connected | null = null;
  #retry: NodeJS.Timeout | null = null;
  #version: string | null = null;

  /** `namespaces` null: all that may be seen. */
  constructor(target: ClusterTarget, namespaces: readonly string[] | null, handlers: ConnectionHandlers) {
    this.#target = target;
    this.#namespaces = namespaces;
    this.#handlers = handlers;
  }

  /** Begins the watch. A target with a problem is looked at again until its configuration was corrected. */
  start(): void {
    const { kubeConfig, problem, again } = this.#target;
    if (problem !== null || kubeConfig === null) {
      if (again) this.#retry = setTimeout(() => this.#tryAgain(again), CONFIG_AGAIN_MS).unref();
      return;
    }
    const client = new KubeClient(this.#target);
    const { onVersion } = this.#handlers;
    const handlers: WatchHandlers = {
      ...this.#handlers,
      onVersion: (version) => {
        this.#version = version;
        onVersion(version);
      },
    };
    const watch = watchCluster(client, { namespaces: this.#namespaces }, handlers);
    this.#open = { client, reader: new EvidenceReader(client), watch };
  }

  async stop(): Promise<void> {
    if (this.#retry) clearTimeout(this.#retry);
    await this.#open?.watch.stop();
    await this.#open?.client.close();
  }

  /** With the address that is in use: a corrected configuration is taken up while it runs. */
  get target(): ClusterTarget {
    return this.#open ? { ...this.#target, server: this.#open.client.server } : this.#target;
  }

  /** Throws UnloopError `cluster-unreachable` while the configuration has a problem. */
  get client(): KubeClient {
    return this.#connected().client;
  }

  /** Throws as `client`. */
  get reader(): EvidenceReader {
    return this.#connected().reader;
  }

  /** Every known pod by UID. */
  get pods(): ReadonlyMap<string, PodSnapshot> {
    return this.#open?.watch.pods ?? NO_PODS;
  }

  /** As the watch has them now: what it no longer watches is not among them. */
  states(): readonly WatchState[] {
    return this.#open?.watch.states() ?? [];
  }

  /** The API server's version, as it says it ("v1.34.2"); null until it answered. */
  get version(): string | null {
    return this.#version;
  }

  /** 34 of "v1.34.2". */
  get serverMinor(): number | undefined {
    const minor = /^v?\d+\.(\d+)/.exec(this.#version ?? '')?.[1];
    return minor === undefined ? undefined : Number(minor);
  }

  #tryAgain(again: () => ClusterTarget | null): void {
    this.#target = again() ?? this.#target;
    this.start();
    this.#handlers.onConfigured();
  }

  #connected(): Connected {
    if (this.#open) return this.#open;
    const { id } = this.#target;
    throw new UnloopError('cluster-unreachable', `cluster ${id} is not connected`, 'See its state on the board.');
  }
}
