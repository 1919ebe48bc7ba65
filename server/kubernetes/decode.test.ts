import { describe, expect, it } from 'vitest';
import { decodeEvent } from './decode-event';
import { decodePod } from './decode-pod';
import { Interner } from './intern';
import { bytesField, EVENT, encode, intField, POD } from './testing/proto-writer';
import { backOffEvent, crashingPod, healthyPod } from './testing/sample-objects';
import { toEventSnapshot } from './to-event-snapshot';
import { toPodSnapshot } from './to-pod-snapshot';
import { WireError } from './wire';

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const pod = crashingPod();

const RESTART_ON_42 = { action: 'Restart', exitCodes: { operator: 'In', values: [42, 43] } };
const RESTART_ALL_ON_88 = { action: 'RestartAllContainers', exitCodes: { operator: 'NotIn', values: [0, 1] } };

describe('pods', () => {
  it('keeps what STATUS, RESTARTS and loops are read from', () => {
    const snapshot = decodePod(encode(POD, { ...pod }), new Interner());
    expect(snapshot).toMatchObject({
      name: 'web-5d9c7b8f6d-abcde',
      namespace: 'shop',
      createdAt: Date.parse('2026-11-25T10:00:00Z'),
      deletedAt: null,
      owner: { kind: 'ReplicaSet', name: 'web-5d9c7b8f6d', uid: 'rs-1', apiVersion: 'apps/v1' },
      templateHash: '5d9c7b8f6d',
      nodeName: 'node-1',
      appCount: 2,
      initCount: 2,
      sidecarCount: 1,
    });
    expect(snapshot.init.map((each) => each.type)).toEqual(['init', 'sidecar']);
    expect(snapshot.app[0]).toMatchObject({
      restartCount: 3,
      ready: false,
      started: false,
      state: { kind: 'waiting', reason: 'CrashLoopBackOff' },
      lastTermination: { exitCode: -532462766, message: 'Übergabe fehlgeschlagen ✗', containerId: 'containerd://a3' },
    });
    expect(snapshot.conditions.map((each) => `${each.type}=${each.status}`)).toEqual([
      'Initialized=True',
      'Ready=False',
      'PodScheduled=True',
    ]);
  });

  it.each([
    ['a crashing pod', pod],
    ['a healthy pod', healthyPod('web-1')],
    [
      'a pod that is being deleted',
      { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-11-25T11:00:00Z' } },
    ],
    ['a pod without status', { ...pod, status: {} }],
    [
      'a pod of a start error',
      {
        ...pod,
        status: {
          containerStatuses: [
            {
              name: 'app',
              state: {
                terminated: {
                  exitCode: 128,
                  reason: 'StartError',
                  startedAt: '1970-01-01T00:00:00Z',
                  finishedAt: '2026-11-25T10:05:02Z',
                },
              },
            },
          ],
        },
      },
    ],
    ['a pod with a message of 20 KB', { ...pod, status: { ...pod.status, message: 'ü✗'.repeat(4000) } }],
    [
      'a pod whose containers have restart policies and rules of their own',
      {
        ...pod,
        spec: {
          ...pod.spec,
          restartPolicy: 'Never',
          initContainers: [
            { name: 'migrate', image: 'm:1', restartPolicy: 'OnFailure' },
            { name: 'proxy', image: 'p:1', restartPolicy: 'Always', restartPolicyRules: [RESTART_ALL_ON_88] },
          ],
          containers: [
            {
              name: 'app',
              image: 'a:1',
              restartPolicy: 'Never',
              restartPolicyRules: [RESTART_ON_42, RESTART_ALL_ON_88],
            },
            { name: 'helper', image: 'h:1', restartPolicyRules: [RESTART_ON_42] },
          ],
        },
      },
    ],
    ['nothing at all', {}],
  ])('gives the same for protobuf and JSON: %s', (_, object) => {
    const fromBytes = decodePod(encode(POD, { ...object }), new Interner());
    expect(fromBytes).toEqual(toPodSnapshot(json(object), new Interner()));
  });

  it('finds the fields in any order, and passes over those it does not know', () => {
    const { metadata, spec, status } = pod;
    const bytes = Buffer.concat([
      intField(99, 7),
      encode(POD, { status }),
      bytesField(98, Buffer.alloc(1000, 0xff)),
      encode(POD, { spec }),
      encode(POD, { metadata }),
    ]);
    expect(decodePod(bytes, new Interner())).toEqual(decodePod(encode(POD, { ...pod }), new Interner()));
  });

  it('does not keep annotations, however large', () => {
    const large = { ...pod, metadata: { ...pod.metadata, annotations: { big: 'y'.repeat(200_000) } } };
    const snapshot = decodePod(encode(POD, { ...large }), new Interner());
    expect(JSON.stringify(snapshot).length).toBeLessThan(4_000);
    expect(snapshot).toEqual(decodePod(encode(POD, { ...pod }), new Interner()));
  });

  it('keeps the restart policy and rules of a container, in one copy for pods of different owners', () => {
    const intern = new Interner();
    const own = { restartPolicy: 'Never', restartPolicyRules: [RESTART_ON_42] };
    const read = (name: string) => {
      const object = { metadata: { name }, spec: { containers: [{ name: 'app', image: `${name}:1`, ...own }] } };
      return decodePod(encode(POD, object), intern).specContainers[0]?.restart;
    };
    expect(read('web')).toEqual({ policy: 'Never', rules: [{ action: 'Restart', operator: 'In', codes: [42, 43] }] });
    expect(read('api')).toBe(read('web'));
  });

  it('shares what repeats between pods', () => {
    const intern = new Interner();
    const [one, two] = ['web-1', 'web-2'].map((name) => decodePod(encode(POD, { ...healthyPod(name) }), intern));
    expect(two?.owner).toBe(one?.owner);
    expect(two?.specContainers).toBe(one?.specContainers);
    expect(two?.conditions).toBe(one?.conditions);
  });

  it('refuses every truncation with WireError, never with another error or a hang', () => {
    const bytes = encode(POD, { ...pod });
    for (let end = 0; end < bytes.length; end++) {
      try {
        decodePod(bytes, new Interner(), 0, end);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }
  });

  it('survives hostile bytes', () => {
    const bytes = encode(POD, { ...pod });
    let seed = 1;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % below;
    };
    for (let round = 0; round < 2_000; round++) {
      const broken = Buffer.from(bytes);
      for (let n = 0; n < 4; n++) broken[random(broken.length)] = random(256);
      try {
        decodePod(broken, new Interner());
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }
  });

  it('takes ill-typed JSON for empty', () => {
    const hostile = {
      metadata: 7,
      spec: { containers: 'x', nodeName: {} },
      status: { containerStatuses: [null, 3, { name: [] }] },
    };
    const snapshot = toPodSnapshot(hostile, new Interner());
    expect(snapshot).toMatchObject({ uid: '', nodeName: '', appCount: 0 });
    expect(snapshot.app).toHaveLength(3);
  });
});

describe('events', () => {
  const event = backOffEvent(pod);

  it.each([
    ['of a kubelet', event],
    ['without count', { ...event, count: undefined }],
    [
      'of the scheduler, with a series',
      {
        ...event,
        firstTimestamp: undefined,
        lastTimestamp: undefined,
        eventTime: '2026-11-25T10:00:00.123456Z',
        series: { count: 9, lastObservedTime: '2026-11-25T10:09:00.999999Z' },
        source: {},
      },
    ],
    ['combined', { ...event, message: '(combined from similar events): Error: x' }],
    ['without times', { ...event, firstTimestamp: undefined, lastTimestamp: undefined }],
    ['about a node', { ...event, involvedObject: { kind: 'Node', name: 'node-1', uid: 'node-1' } }],
  ])('gives the same for protobuf and JSON: %s', (_, object) => {
    const fromBytes = decodeEvent(encode(EVENT, { ...object }), new Interner());
    expect(fromBytes).toEqual(toEventSnapshot(json(object), new Interner()));
  });

  it('takes the container from the field path, the count from the series', () => {
    const series = { count: 9, lastObservedTime: '2026-11-25T10:09:00.5Z' };
    const snapshot = decodeEvent(encode(EVENT, { ...event, series }), new Interner());
    expect(snapshot).toMatchObject({
      container: 'app',
      count: 9,
      source: 'kubelet',
      host: 'node-1',
      aggregated: false,
    });
    expect(snapshot.last).toBe(Date.parse('2026-11-25T10:09:00.5Z'));
    expect(snapshot.first).toBe(Date.parse('2026-11-25T10:01:00Z'));
  });
});
