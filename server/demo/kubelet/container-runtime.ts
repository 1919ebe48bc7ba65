import { referenceTo } from '@/server/demo/kube-types';
import type { Attempt } from '@/server/demo/program';
import { createRandom } from '@/server/demo/random';
import type { ContainerSlot, Instance } from './container-slot';
import { createdText, presentText, pulledText, startedText } from './kubelet-texts';
import type { NodeServices, PodAssignment } from './pod-context';
import { type ProbeKind, probePhases, runProbes } from './probes';

export interface RuntimeHandlers {
  /** A container started or ended: the kubelet's next relist sees it. */
  changed(): void;
  /** Readiness or `started` changed: the worker is told at once. */
  probed(): void;
  exhausted(slot: ContainerSlot, kind: ProbeKind): void;
}

const SIGTERM_ANSWER = { afterMs: 400, code: 143 };

/** Pulls, creates, starts, probes and ends the containers of one pod, with the events of each step. */
export class ContainerRuntime {
  readonly #services: NodeServices;
  readonly #assignment: PodAssignment;
  readonly #handlers: RuntimeHandlers;
  readonly #phases = new Map<ContainerSlot, Record<ProbeKind, number>>();
  #isClosed = false;

  constructor(services: NodeServices, assignment: PodAssignment, handlers: RuntimeHandlers) {
    this.#services = services;
    this.#assignment = assignment;
    this.#handlers = handlers;
  }

  /** Writes an event about the pod or, with a slot, about one of its containers. */
  event(type: 'Normal' | 'Warning', reason: string, message: string, slot?: ContainerSlot): void {
    const about = referenceTo(this.#assignment.pod);
    const list = slot?.type === 'app' ? 'containers' : 'initContainers';
    this.#services.events.record({
      about: slot ? { ...about, fieldPath: `spec.${list}{${slot.spec.name}}` } : about,
      type,
      reason,
      message,
    });
  }

  /**
   * Tries to start a container; `done` is called when it runs, or when it does not: then the slot's `waiting` says why
   * and `isRetried` is true.
   */
  start(slot: ContainerSlot, done: (isRetried: boolean) => void): void {
    slot.isStarting = true;
    const finish = (waiting: ContainerSlot['waiting']): void => {
      slot.isStarting = false;
      slot.waiting = waiting;
      done(waiting !== null);
    };
    const attempt = this.#plan(slot);
    if (attempt.kind === 'pull-error') this.#failPull(slot, attempt.error, finish);
    else this.#pull(slot, () => this.#create(slot, attempt, finish));
  }

  /** Sends SIGTERM to a running container. Gives when it will be dead, in milliseconds from now. */
  terminate(slot: ContainerSlot, onDead: () => void): number {
    const instance = slot.current;
    if (instance?.attempt.kind !== 'run') return 0;
    this.stopWatching(slot);
    const graceMs = this.#assignment.pod.spec.terminationGracePeriodSeconds * 1000;
    const answer = instance.attempt.onTerm ?? SIGTERM_ANSWER;
    const isKilled = answer.afterMs > graceMs;
    const afterMs = Math.min(answer.afterMs, graceMs);
    slot.cancels = [
      this.#services.clock.after(afterMs, () => {
        this.#end(slot, instance, isKilled ? 137 : answer.code, '', '');
        onDead();
      }),
    ];
    return afterMs;
  }

  /** From now on nothing is started: what is being pulled or created is dropped. */
  close(): void {
    this.#isClosed = true;
  }

  /** Drops a container's planned end and its probes. */
  stopWatching(slot: ContainerSlot): void {
    for (const cancel of slot.cancels) cancel();
    slot.cancels = [];
  }

  #plan(slot: ContainerSlot): Attempt {
    const { clock, node } = this.#services;
    const { pod, podIp, programs, random } = this.#assignment;
    const program = programs[slot.spec.name];
    const { name, namespace = '', uid } = pod.metadata;
    if (!program) throw new Error(`demo pod ${namespace}/${name}: container ${slot.spec.name} has no program`);
    return program({
      attempt: slot.current === null ? 0 : slot.restarts + 1,
      sinceOpening: clock.now - clock.openedAt,
      random,
      pod: { name, namespace, uid, ip: podIp },
      node,
    });
  }

  #pull(slot: ContainerSlot, then: () => void): void {
    const { clock, images, node } = this.#services;
    const { random } = this.#assignment;
    const { image } = slot.spec;
    const isHeld = images.has(image);
    if (isHeld && slot.spec.imagePullPolicy !== 'Always') {
      this.event('Normal', 'Pulled', presentText(node, image), slot);
      then();
      return;
    }
    this.event('Normal', 'Pulling', `Pulling image "${image}"`, slot);
    const tookMs = isHeld ? random.between(180, 420) : random.between(1_500, 7_000);
    clock.after(tookMs, () => {
      if (this.#isClosed) return;
      images.add(image);
      const bytes = 20_000_000 + createRandom(image).whole(0, 200_000_000);
      this.event('Normal', 'Pulled', pulledText(image, tookMs, bytes), slot);
      then();
    });
  }

  /** `ErrImagePull` and `ImagePullBackOff` take turns (crash-semantics 1.9). */
  #failPull(slot: ContainerSlot, error: string, finish: (waiting: ContainerSlot['waiting']) => void): void {
    const { clock, pulls } = this.#services;
    const { image } = slot.spec;
    const key = `${this.#assignment.pod.metadata.uid}/${image}`;
    if (pulls.isWaiting(key, clock.now)) {
      const message = `Back-off pulling image "${image}"`;
      this.event('Normal', 'BackOff', message, slot);
      this.event('Warning', 'Failed', 'Error: ImagePullBackOff', slot);
      finish({ reason: 'ImagePullBackOff', message: `${message}: ErrImagePull: ${error}` });
      return;
    }
    this.event('Normal', 'Pulling', `Pulling image "${image}"`, slot);
    clock.after(this.#assignment.random.between(350, 1_400), () => {
      if (this.#isClosed) return;
      pulls.failed(key, clock.now);
      this.event('Warning', 'Failed', `Failed to pull image "${image}": ${error}`, slot);
      this.event('Warning', 'Failed', 'Error: ErrImagePull', slot);
      finish({ reason: 'ErrImagePull', message: error });
    });
  }

  #create(
    slot: ContainerSlot,
    attempt: Exclude<Attempt, { kind: 'pull-error' }>,
    finish: (waiting: ContainerSlot['waiting']) => void,
  ): void {
    const { clock, node } = this.#services;
    const { random } = this.#assignment;
    if (attempt.kind === 'config-error') {
      this.event('Warning', 'Failed', `Error: ${attempt.message}`, slot);
      finish({ reason: 'CreateContainerConfigError', message: attempt.message });
      return;
    }
    clock.after(random.between(30, 150), () => {
      if (this.#isClosed) return;
      this.event('Normal', 'Created', createdText(node, slot.spec.name), slot);
      clock.after(random.between(40, 180), () => {
        if (this.#isClosed) return;
        this.#begin(slot, attempt);
        if (attempt.kind === 'run') this.event('Normal', 'Started', startedText(node, slot.spec.name), slot);
        else this.event('Warning', 'Failed', `Error: ${attempt.message}`, slot);
        finish(attempt.kind === 'run' ? null : { reason: 'RunContainerError', message: attempt.message });
        this.#handlers.changed();
      });
    });
  }

  #begin(slot: ContainerSlot, attempt: Instance['attempt']): void {
    const { clock } = this.#services;
    const { random, podIp } = this.#assignment;
    const now = clock.now;
    const isRun = attempt.kind === 'run';
    const instance: Instance = {
      id: `containerd://${random.hex(64)}`,
      seed: random.whole(0, 0x7fff_ffff),
      startedAt: isRun ? now : null,
      attempt,
      endsAt: isRun && attempt.livesMs !== null ? now + attempt.livesMs : null,
      finishedAt: isRun ? null : now,
      exitCode: isRun ? 0 : 128,
      reason: isRun ? '' : 'StartError',
      message: isRun ? '' : attempt.message,
      isKept: true,
    };
    // A start error leaves a dead instance too, and the one before it is removed (crash-semantics 1.2, fact 7).
    if (slot.previous) slot.previous.isKept = false;
    slot.restarts += slot.current === null ? 0 : 1;
    slot.previous = slot.current;
    slot.current = instance;
    if (!isRun) return;

    let phases = this.#phases.get(slot);
    if (!phases) {
      phases = probePhases(random);
      this.#phases.set(slot, phases);
    }
    const tickPhases = phases;
    if (instance.endsAt !== null) {
      const { code = 0, reason = '', message = '' } = attempt.exit ?? {};
      slot.cancels.push(clock.at(instance.endsAt, () => this.#end(slot, instance, code, reason, message)));
    }
    if (slot.type === 'init') return;
    const stop = runProbes(
      { spec: slot.spec, run: attempt, startedAt: now, podIp, phase: (kind) => tickPhases[kind] },
      {
        failed: (kind, message) => {
          const name = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
          this.event('Warning', 'Unhealthy', `${name} probe failed: ${message}`, slot);
        },
        started: () => {
          slot.isStarted = true;
          this.#handlers.probed();
        },
        ready: (isReady) => {
          slot.isReady = isReady;
          this.#handlers.probed();
        },
        exhausted: (kind) => this.#handlers.exhausted(slot, kind),
      },
      clock,
    );
    slot.cancels.push(stop);
  }

  #end(slot: ContainerSlot, instance: Instance, code: number, reason: string, message: string): void {
    this.stopWatching(slot);
    instance.finishedAt = this.#services.clock.now;
    instance.exitCode = code;
    instance.reason = reason === '' ? (code === 0 ? 'Completed' : 'Error') : reason;
    instance.message = message;
    slot.isReady = false;
    slot.isStarted = false;
    // Of the dead ones only the newest is kept (crash-semantics 3.8).
    if (slot.previous) slot.previous.isKept = false;
    this.#handlers.changed();
  }
}
