import { CONTAINER_ID_LENGTH } from '@/lib/domain/loop';
import type {
  ContainerSnapshot,
  ContainerState,
  ContainerType,
  OwnerReference,
  PodCondition,
  PodSnapshot,
  RestartRule,
  SpecContainer,
  Termination,
} from '@/lib/domain/pod-snapshot';
import { redactText } from '@/lib/domain/redact/text';
import type { EpochMs } from '@/lib/domain/time';
import { type Interner, KEPT_CONDITIONS, MESSAGE_BYTES_MAX, shareConditions, trueCondition } from './intern';
import { BYTES, WireReader } from './wire';

interface PodMeta {
  uid: string;
  namespace: string;
  name: string;
  createdAt: EpochMs | null;
  deletedAt: EpochMs | null;
  owner: OwnerReference | null;
  templateHash: string;
}

const NO_STATE: ContainerState = { kind: 'none' };
const NO_CONTAINERS: readonly ContainerSnapshot[] = [];
const NO_RULES: readonly RestartRule[] = [];

/**
 * Copies the fields of a PodSnapshot out of a core/v1 Pod in protobuf; everything else is passed over unread.
 * Field numbers: k8s.io/api core/v1 generated.proto, k8s.io/apimachinery meta/v1 generated.proto (same in 0.32 and 0.34).
 * Throws WireError where the bytes are broken.
 */
export function decodePod(bytes: Buffer, intern: Interner, start = 0, end = bytes.length): PodSnapshot {
  const meta: PodMeta = {
    uid: '',
    namespace: '',
    name: '',
    createdAt: null,
    deletedAt: null,
    owner: null,
    templateHash: '',
  };
  let spec: WireReader | null = null;
  let status: WireReader | null = null;
  const pod = new WireReader(bytes, start, end);
  while (pod.next()) {
    if (pod.field === 1) readMeta(pod.enter(), meta, intern);
    else if (pod.field === 2) spec = pod.enter();
    else if (pod.field === 3) status = pod.enter();
    else pod.skip();
  }
  const init: SpecContainer[] = [];
  const app: SpecContainer[] = [];
  let nodeName = '';
  let restartPolicy = '';
  while (spec?.next()) {
    if (spec.field === 2) app.push(readSpecContainer(spec.enter(), false, intern));
    else if (spec.field === 20) init.push(readSpecContainer(spec.enter(), true, intern));
    else if (spec.field === 3) restartPolicy = spec.shared(intern);
    else if (spec.field === 10) nodeName = spec.shared(intern);
    else spec.skip();
  }
  const sidecars = new Set<string>();
  for (const container of init) if (container.type === 'sidecar') sidecars.add(container.name);

  let phase = '';
  let reason = '';
  let message = '';
  const conditions: PodCondition[] = [];
  const initStatuses: ContainerSnapshot[] = [];
  const appStatuses: ContainerSnapshot[] = [];
  while (status?.next()) {
    switch (status.field) {
      case 1:
        phase = status.shared(intern);
        break;
      case 2: {
        const condition = readCondition(status.enter(), intern);
        if (condition) conditions.push(condition);
        break;
      }
      case 3:
        message = redactText(status.cutText(MESSAGE_BYTES_MAX));
        break;
      case 4:
        reason = status.shared(intern);
        break;
      case 8:
        appStatuses.push(readStatus(status.enter(), appStatuses[0], intern, () => 'app'));
        break;
      case 10:
        initStatuses.push(
          readStatus(status.enter(), undefined, intern, (name) => (sidecars.has(name) ? 'sidecar' : 'init')),
        );
        break;
      default:
        status.skip();
    }
  }
  return {
    uid: meta.uid,
    namespace: meta.namespace,
    name: meta.name,
    createdAt: meta.createdAt,
    deletedAt: meta.deletedAt,
    owner: meta.owner,
    templateHash: meta.templateHash,
    nodeName,
    restartPolicy,
    phase,
    reason,
    message,
    conditions: shareConditions(conditions),
    appCount: app.length,
    initCount: init.length,
    sidecarCount: sidecars.size,
    init: initStatuses.length === 0 ? NO_CONTAINERS : initStatuses,
    app: appStatuses.length === 0 ? NO_CONTAINERS : appStatuses,
    specContainers: intern.specContainers(init.length === 0 ? app : [...init, ...app], meta.owner?.uid ?? ''),
  };
}

/** Reads meta/v1 Time or MicroTime (1 seconds, 2 nanos). Gives null for the zero time and for 1970, as `parseKubeTime` does. */
export function readTime(time: WireReader): EpochMs | null {
  let at = 0;
  while (time.next()) {
    if (time.field === 1) at += time.long() * 1000;
    else if (time.field === 2) at += Math.floor(time.int() / 1e6);
    else time.skip();
  }
  return at <= 0 ? null : at;
}

/** Reads one entry of a `map<string, string>` (1 key, 2 value) and gives the value where the key is `wanted`, else null. */
export function readMapValue(entry: WireReader, wanted: string): string | null {
  let isWanted = false;
  let value = '';
  while (entry.next()) {
    if (entry.field === 1) {
      const start = entry.bytes();
      isWanted = entry.pos - start === wanted.length && entry.buffer.toString('latin1', start, entry.pos) === wanted;
      if (!isWanted) return null;
    } else if (entry.field === 2 && entry.type === BYTES) value = entry.text();
    else entry.skip();
  }
  return isWanted ? value : null;
}

function readMeta(meta: WireReader, into: PodMeta, intern: Interner): void {
  while (meta.next()) {
    switch (meta.field) {
      case 1:
        into.name = meta.text();
        break;
      case 3:
        into.namespace = meta.shared(intern);
        break;
      case 5:
        into.uid = meta.text();
        break;
      case 8:
        into.createdAt = readTime(meta.enter());
        break;
      case 9:
        into.deletedAt = readTime(meta.enter());
        break;
      case 11: {
        const hash = readMapValue(meta.enter(), 'pod-template-hash');
        if (hash !== null) into.templateHash = intern.string(hash);
        break;
      }
      case 13: {
        const owner = readOwner(meta.enter(), intern);
        if (owner && !into.owner) into.owner = owner;
        break;
      }
      default:
        meta.skip();
    }
  }
}

function readOwner(reference: WireReader, intern: Interner): OwnerReference | null {
  let apiVersion = '';
  let kind = '';
  let name = '';
  let uid = '';
  let controller = false;
  while (reference.next()) {
    if (reference.field === 1) kind = reference.shared(intern);
    else if (reference.field === 3) name = reference.shared(intern);
    else if (reference.field === 4) uid = reference.shared(intern);
    else if (reference.field === 5) apiVersion = reference.shared(intern);
    else if (reference.field === 6) controller = reference.bool();
    else reference.skip();
  }
  return controller ? intern.owner(apiVersion, kind, name, uid) : null;
}

function readSpecContainer(container: WireReader, isInit: boolean, intern: Interner): SpecContainer {
  let name = '';
  let image = '';
  let restartPolicy = '';
  let rules: RestartRule[] | null = null;
  while (container.next()) {
    if (container.field === 1) name = container.shared(intern);
    else if (container.field === 2) image = container.shared(intern);
    else if (container.field === 24) restartPolicy = container.shared(intern);
    else if (container.field === 25) {
      rules ??= [];
      rules.push(readRestartRule(container.enter(), intern));
    } else container.skip();
  }
  return intern.specContainer(name, image, isInit, restartPolicy, rules ?? NO_RULES);
}

/** Reads ContainerRestartRule (1 action, 2 exitCodes) with its ContainerRestartRuleOnExitCodes (1 operator, 2 values). */
function readRestartRule(rule: WireReader, intern: Interner): RestartRule {
  let action = '';
  let operator = '';
  const codes: number[] = [];
  while (rule.next()) {
    if (rule.field === 1) action = rule.shared(intern);
    else if (rule.field === 2) {
      const exitCodes = rule.enter();
      while (exitCodes.next()) {
        if (exitCodes.field === 1) operator = exitCodes.shared(intern);
        else if (exitCodes.field === 2) codes.push(exitCodes.int());
        else exitCodes.skip();
      }
    } else rule.skip();
  }
  return { action, operator, codes };
}

function readCondition(condition: WireReader, intern: Interner): PodCondition | null {
  let type = '';
  let status = '';
  let reason = '';
  let message = '';
  let at: EpochMs | null = null;
  while (condition.next()) {
    if (condition.field === 1) {
      type = condition.shared(intern);
      if (!KEPT_CONDITIONS.has(type)) return null;
    } else if (condition.field === 2) status = condition.shared(intern);
    else if (condition.field === 4) at = readTime(condition.enter());
    else if (condition.field === 5) reason = condition.shared(intern);
    else if (condition.field === 6) message = redactText(condition.cutText(MESSAGE_BYTES_MAX));
    else condition.skip();
  }
  if (!KEPT_CONDITIONS.has(type)) return null;
  return status === 'True' ? trueCondition(type) : { type, status, reason, message, at };
}

function readStatus(
  status: WireReader,
  neighbour: ContainerSnapshot | undefined,
  intern: Interner,
  typeOf: (name: string) => ContainerType,
): ContainerSnapshot {
  let name = '';
  let image = '';
  let containerId = '';
  let restartCount = 0;
  let ready = false;
  let started: boolean | null = null;
  let state: ContainerState = NO_STATE;
  let last: ContainerState = NO_STATE;
  while (status.next()) {
    switch (status.field) {
      case 1:
        name = status.shared(intern);
        break;
      case 2:
        state = readState(status.enter(), intern);
        break;
      case 3:
        last = readState(status.enter(), intern);
        break;
      case 4:
        ready = status.bool();
        break;
      case 5:
        restartCount = status.int();
        break;
      case 6:
        image = status.shared(intern);
        break;
      case 8:
        containerId = status.head(CONTAINER_ID_LENGTH);
        break;
      case 9:
        started = status.bool();
        break;
      default:
        status.skip();
    }
  }
  return {
    name,
    type: typeOf(name),
    image,
    containerId,
    restartCount,
    ready,
    started,
    state: sharedRunning(state, neighbour),
    lastTermination: last.kind === 'terminated' ? toTermination(last) : null,
  };
}

/** Containers of a pod mostly start in the same second: then one state object serves both. */
export function sharedRunning(state: ContainerState, neighbour: ContainerSnapshot | undefined): ContainerState {
  if (state.kind !== 'running' || neighbour?.state.kind !== 'running') return state;
  return neighbour.state.startedAt === state.startedAt ? neighbour.state : state;
}

function readState(state: WireReader, intern: Interner): ContainerState {
  let result: ContainerState = NO_STATE;
  while (state.next()) {
    if (state.field === 1) result = readWaiting(state.enter(), intern);
    else if (state.field === 2) result = readRunning(state.enter());
    else if (state.field === 3) result = { kind: 'terminated', ...readTerminated(state.enter(), intern) };
    else state.skip();
  }
  return result;
}

function readWaiting(waiting: WireReader, intern: Interner): ContainerState {
  let reason = '';
  let message = '';
  while (waiting.next()) {
    if (waiting.field === 1) reason = waiting.shared(intern);
    else if (waiting.field === 2) message = redactText(waiting.cutText(MESSAGE_BYTES_MAX));
    else waiting.skip();
  }
  return { kind: 'waiting', reason, message };
}

function readRunning(running: WireReader): ContainerState {
  let startedAt: EpochMs | null = null;
  while (running.next()) {
    if (running.field === 1) startedAt = readTime(running.enter());
    else running.skip();
  }
  return { kind: 'running', startedAt };
}

function readTerminated(terminated: WireReader, intern: Interner): Termination {
  let exitCode = 0;
  let signal = 0;
  let reason = '';
  let message = '';
  let startedAt: EpochMs | null = null;
  let finishedAt: EpochMs | null = null;
  let containerId = '';
  while (terminated.next()) {
    if (terminated.field === 1) exitCode = terminated.int();
    else if (terminated.field === 2) signal = terminated.int();
    else if (terminated.field === 3) reason = terminated.shared(intern);
    else if (terminated.field === 4) message = redactText(terminated.cutText(MESSAGE_BYTES_MAX));
    else if (terminated.field === 5) startedAt = readTime(terminated.enter());
    else if (terminated.field === 6) finishedAt = readTime(terminated.enter());
    else if (terminated.field === 7) containerId = terminated.head(CONTAINER_ID_LENGTH);
    else terminated.skip();
  }
  return { exitCode, signal, reason, message, startedAt, finishedAt, containerId };
}

/** A termination without the state's `kind`. */
export function toTermination(state: Termination): Termination {
  const { exitCode, signal, reason, message, startedAt, finishedAt, containerId } = state;
  return { exitCode, signal, reason, message, startedAt, finishedAt, containerId };
}
