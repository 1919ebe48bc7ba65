import type { Cancel } from '@/server/demo/clock';
import type { Pod } from '@/server/demo/kube-types';
import { formatGoDuration } from './back-off';
import { ContainerRuntime } from './container-runtime';
import {
  type ContainerSlot,
  containersToStart,
  deadInstance,
  describeSlot,
  type Instance,
  isRunning,
  makeSlots,
} from './container-slot';
import { killingText } from './kubelet-texts';
import type { NodeServices, PodAssignment } from './pod-context';
import { buildPodStatus } from './pod-status';

/** Why a sync must come again: a back-off has a due time, anything else is simply retried. */
type Retry = { readonly dueAt: number } | 'retry';

/** `backOffPeriod` and `syncFrequency` with their jitter (crash-semantics 1.1). */
const RETRY_MS = 10_000;
const SYNC_FREQUENCY_MS = 60_000;
/** Waits between tries to set up a volume: 0.5 s, doubling, at most 2 m 2 s (`pkg/util/goroutinemap/exponentialbackoff`). */
const MOUNT_WAIT_MAX_MS = 122_000;

/** One pod on its node: the pod worker of the kubelet with its status manager (crash-semantics 1.2 to 1.5). */
export class PodWorker {
  readonly slots: readonly ContainerSlot[];
  readonly #services: NodeServices;
  readonly #assignment: PodAssignment;
  readonly #runtime: ContainerRuntime;
  #pod: Pod;
  #startTime = '';
  #hasSandbox = false;
  #isOver = false;
  #isDeleting = false;
  /** Starts and kills under way in the present sync: the worker does nothing else meanwhile. */
  #parts = 0;
  #isSyncWanted = false;
  #retries: Retry[] = [];
  #wake: Cancel = () => {};
  #mountTries = 0;
  /** What the last written status was built from. */
  #written = '';

  constructor(services: NodeServices, assignment: PodAssignment) {
    this.#services = services;
    this.#assignment = assignment;
    this.#pod = assignment.pod;
    this.slots = makeSlots(this.#pod.spec.initContainers ?? [], this.#pod.spec.containers);
    this.#runtime = new ContainerRuntime(services, assignment, {
      changed: () => this.#syncWithin(950),
      probed: () => this.#syncWithin(150),
      exhausted: (slot, kind) => {
        if (kind !== 'readiness') this.#killForProbe(slot, kind);
      },
    });
  }

  /** The pod as this worker wrote it last. */
  get pod(): Pod {
    return this.#pod;
  }

  /** Takes the pod up, a moment after it was bound to the node. */
  begin(): void {
    const { clock } = this.#services;
    this.#startTime = clock.stamp(clock.now);
    this.#writeStatus();
    clock.after(this.#assignment.random.between(300, 900), () => this.#setUp());
  }

  /** Ends the pod as a deletion does: SIGTERM, grace, then the object goes. `done` is called when it is gone. */
  delete(done: () => void): void {
    if (this.#isDeleting) return;
    this.#isDeleting = true;
    const { clock, store } = this.#services;
    const graceSeconds = this.#pod.spec.terminationGracePeriodSeconds;
    this.#wake();
    this.#runtime.close();
    this.#pod = store.put('pods', {
      ...this.#pod,
      metadata: {
        ...this.#pod.metadata,
        deletionTimestamp: clock.stamp(clock.now + graceSeconds * 1000),
        deletionGracePeriodSeconds: graceSeconds,
      },
    });
    let longest = 0;
    for (const slot of this.slots.filter(isRunning)) {
      this.#runtime.event('Normal', 'Killing', `Stopping container ${slot.spec.name}`, slot);
      longest = Math.max(
        longest,
        this.#runtime.terminate(slot, () => {}),
      );
    }
    clock.after(longest + 700, () => {
      this.#isOver = true;
      for (const slot of this.slots) this.#runtime.stopWatching(slot);
      this.#writeStatus();
      clock.after(300, () => {
        store.remove('pods', this.#pod.metadata.namespace, this.#pod.metadata.name);
        done();
      });
    });
  }

  #setUp(): void {
    if (this.#isDeleting) return;
    const { clock } = this.#services;
    const { mount, random } = this.#assignment;
    const problem = mount(clock.now - clock.openedAt);
    if (problem !== null) {
      this.#runtime.event('Warning', 'FailedMount', problem);
      const wait = Math.min(500 * 2 ** this.#mountTries, MOUNT_WAIT_MAX_MS);
      this.#mountTries += 1;
      clock.after(wait + random.between(20, 120), () => this.#setUp());
      return;
    }
    this.#hasSandbox = true;
    this.#syncWithin(950);
    this.#sync();
  }

  /** The relist of the runtime and probe results bring a sync within `ms`. */
  #syncWithin(ms: number): void {
    this.#services.clock.after(this.#assignment.random.between(ms * 0.1, ms), () => this.#sync());
  }

  #sync(): void {
    if (this.#isOver || this.#isDeleting || !this.#hasSandbox) return;
    if (this.#parts > 0) {
      this.#isSyncWanted = true;
      return;
    }
    this.#wake();
    this.#retries = [];
    this.#writeStatus();
    if (this.#pod.status.phase === 'Succeeded' || this.#pod.status.phase === 'Failed') {
      this.#isOver = true;
      return;
    }
    this.#parts += 1;
    for (const slot of containersToStart(this.slots, this.#pod.spec.restartPolicy)) {
      this.#tryStart(slot, deadInstance(slot));
    }
    this.#finishPart();
  }

  /** `dead` is the exit that the delay is measured from. */
  #tryStart(slot: ContainerSlot, dead: Instance | null): void {
    const { clock, restarts } = this.#services;
    const { name, namespace, uid } = this.#pod.metadata;
    const key = `${uid}/${slot.spec.name}`;
    const wait = restarts.gate(key, dead?.finishedAt ?? null, clock.now);
    if (wait) {
      const who = `${name}_${namespace}(${uid})`;
      const event = `Back-off restarting failed container ${slot.spec.name} in pod ${who}`;
      this.#runtime.event('Warning', 'BackOff', event, slot);
      const delay = formatGoDuration(wait.delayMs);
      const message = `back-off ${delay} restarting failed container=${slot.spec.name} pod=${who}`;
      slot.waiting = { reason: 'CrashLoopBackOff', message };
      this.#retries.push({ dueAt: wait.dueAt });
      return;
    }
    this.#parts += 1;
    this.#runtime.start(slot, (isRetried) => {
      if (isRetried) this.#retries.push('retry');
      this.#finishPart();
    });
  }

  /**
   * A failed probe: kill and start happen in one sync, whose view of the pod is older than the kill. So the delay is measured
   * from the exit before it, and may be over (crash-semantics 1.2, fact 8).
   */
  #killForProbe(slot: ContainerSlot, kind: 'liveness' | 'startup'): void {
    if (this.#isDeleting || !isRunning(slot)) return;
    this.#wake();
    const text = killingText(slot.spec.name, slot.type === 'sidecar', kind);
    const older = slot.previous;
    this.#runtime.event('Normal', 'Killing', text, slot);
    this.#parts += 1;
    this.#runtime.terminate(slot, () => {
      if (!this.#isDeleting) this.#tryStart(slot, older);
      this.#finishPart();
    });
  }

  /** One part of a sync is done; after the last one the worker plans its next look. */
  #finishPart(): void {
    this.#parts -= 1;
    if (this.#parts > 0 || this.#isDeleting) return;
    if (this.#isSyncWanted) {
      this.#isSyncWanted = false;
      this.#syncWithin(100);
    }
    if (this.#retries.length > 0) this.#planRetry(this.#retries);
  }

  /** When the worker wakes again after errors: kubelets below and from 1.35 differ (crash-semantics 1.4). */
  #planRetry(retries: readonly Retry[]): void {
    const { clock, node } = this.#services;
    const { random } = this.#assignment;
    const dues = retries.flatMap((retry) => (retry === 'retry' ? [] : [retry.dueAt]));
    const isSleepPlanned = node.minor >= 35 && dues.length === retries.length;
    const baseMs = isSleepPlanned ? Math.min(Math.max(0, Math.min(...dues) - clock.now), SYNC_FREQUENCY_MS) : RETRY_MS;
    this.#wake();
    // The work queue is looked at once a second.
    this.#wake = clock.after(baseMs * random.between(1, 1.5) + random.between(0, 1000), () => this.#sync());
  }

  /** Writes the status if it says something new. Most syncs of a waiting pod change nothing, so that is found out first. */
  #writeStatus(): void {
    const { clock, node, store } = this.#services;
    const basis = `${this.#hasSandbox} ${this.slots.map(describeSlot).join(' ')}`;
    if (basis === this.#written) return;
    this.#written = basis;
    const status = buildPodStatus(
      {
        spec: this.#pod.spec,
        slots: this.slots,
        previous: this.#pod.status,
        startTime: this.#startTime,
        hostIP: node.address,
        podIP: this.#assignment.podIp,
        hasSandbox: this.#hasSandbox,
      },
      clock,
    );
    this.#pod = store.put('pods', { ...this.#pod, status });
  }
}
