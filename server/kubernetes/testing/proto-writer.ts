/** Writes protobuf for tests, from JSON objects and a table of field numbers. Independent of the reader under test. */

type Kind = 'string' | 'int' | 'bool' | 'time' | 'microtime' | 'map' | Schema;
export interface Schema {
  readonly [field: string]: readonly [number: number, kind: Kind, repeated?: 'repeated'];
}

const META: Schema = {
  name: [1, 'string'],
  namespace: [3, 'string'],
  uid: [5, 'string'],
  resourceVersion: [6, 'string'],
  creationTimestamp: [8, 'time'],
  deletionTimestamp: [9, 'time'],
  labels: [11, 'map'],
  annotations: [12, 'map'],
  ownerReferences: [
    13,
    {
      kind: [1, 'string'],
      name: [3, 'string'],
      uid: [4, 'string'],
      apiVersion: [5, 'string'],
      controller: [6, 'bool'],
    },
    'repeated',
  ],
};
const TERMINATED: Schema = {
  exitCode: [1, 'int'],
  signal: [2, 'int'],
  reason: [3, 'string'],
  message: [4, 'string'],
  startedAt: [5, 'time'],
  finishedAt: [6, 'time'],
  containerID: [7, 'string'],
};
const STATE: Schema = {
  waiting: [1, { reason: [1, 'string'], message: [2, 'string'] }],
  running: [2, { startedAt: [1, 'time'] }],
  terminated: [3, TERMINATED],
};
const STATUS: Schema = {
  name: [1, 'string'],
  state: [2, STATE],
  lastState: [3, STATE],
  ready: [4, 'bool'],
  restartCount: [5, 'int'],
  image: [6, 'string'],
  imageID: [7, 'string'],
  containerID: [8, 'string'],
  started: [9, 'bool'],
};
const CONTAINER: Schema = {
  name: [1, 'string'],
  image: [2, 'string'],
  restartPolicy: [24, 'string'],
  restartPolicyRules: [
    25,
    { action: [1, 'string'], exitCodes: [2, { operator: [1, 'string'], values: [2, 'int', 'repeated'] }] },
    'repeated',
  ],
};

export const POD: Schema = {
  metadata: [1, META],
  spec: [
    2,
    {
      containers: [2, CONTAINER, 'repeated'],
      restartPolicy: [3, 'string'],
      nodeSelector: [7, 'map'],
      nodeName: [10, 'string'],
      initContainers: [20, CONTAINER, 'repeated'],
    },
  ],
  status: [
    3,
    {
      phase: [1, 'string'],
      conditions: [
        2,
        {
          type: [1, 'string'],
          status: [2, 'string'],
          lastTransitionTime: [4, 'time'],
          reason: [5, 'string'],
          message: [6, 'string'],
        },
        'repeated',
      ],
      message: [3, 'string'],
      reason: [4, 'string'],
      containerStatuses: [8, STATUS, 'repeated'],
      initContainerStatuses: [10, STATUS, 'repeated'],
    },
  ],
};

export const EVENT: Schema = {
  metadata: [1, META],
  involvedObject: [
    2,
    {
      kind: [1, 'string'],
      namespace: [2, 'string'],
      name: [3, 'string'],
      uid: [4, 'string'],
      fieldPath: [7, 'string'],
    },
  ],
  reason: [3, 'string'],
  message: [4, 'string'],
  source: [5, { component: [1, 'string'], host: [2, 'string'] }],
  firstTimestamp: [6, 'time'],
  lastTimestamp: [7, 'time'],
  count: [8, 'int'],
  type: [9, 'string'],
  eventTime: [10, 'microtime'],
  series: [11, { count: [1, 'int'], lastObservedTime: [2, 'microtime'] }],
  reportingComponent: [14, 'string'],
};

const STATUS_OBJECT: Schema = {
  status: [2, 'string'],
  message: [3, 'string'],
  reason: [4, 'string'],
  code: [6, 'int'],
};

/** A varint of a number of up to 53 bits; negative ones sign-extended to ten bytes. */
export function varint(value: number): Buffer {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

/** A length-delimited field. */
export function bytesField(number: number, value: Buffer | string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

export function intField(number: number, value: number): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)]);
}

/** Writes a JSON object by a schema; fields that the schema lacks are left out. */
export function encode(schema: Schema, object: Readonly<Record<string, unknown>>): Buffer {
  const parts: Buffer[] = [];
  for (const [field, [number, kind, repeated]] of Object.entries(schema)) {
    const value = object[field];
    if (value === undefined || value === null) continue;
    for (const each of repeated ? (value as unknown[]) : [value]) parts.push(encodeField(number, kind, each));
  }
  return Buffer.concat(parts);
}

function encodeField(number: number, kind: Kind, value: unknown): Buffer {
  if (kind === 'string') return bytesField(number, String(value));
  if (kind === 'int') return intField(number, Number(value));
  if (kind === 'bool') return intField(number, value ? 1 : 0);
  if (kind === 'map') {
    return Buffer.concat(
      Object.entries(value as Record<string, string>).map(([key, text]) =>
        bytesField(number, Buffer.concat([bytesField(1, key), bytesField(2, text)])),
      ),
    );
  }
  if (kind === 'time' || kind === 'microtime') {
    const at = Date.parse(String(value));
    const seconds = Math.floor(at / 1000);
    return bytesField(number, Buffer.concat([intField(1, seconds), intField(2, (at - seconds * 1000) * 1e6)]));
  }
  return bytesField(number, encode(kind, value as Record<string, unknown>));
}

/** `k8s\0` and runtime.Unknown around an object. */
export function envelope(kind: string, raw: Buffer): Buffer {
  const typeMeta = Buffer.concat([bytesField(1, 'v1'), bytesField(2, kind)]);
  return Buffer.concat([
    Buffer.from('k8s\0', 'latin1'),
    bytesField(1, typeMeta),
    bytesField(2, raw),
    bytesField(3, ''),
    bytesField(4, ''),
  ]);
}

/** A list body as the server writes it. */
export function encodeList(kind: string, items: readonly Buffer[], resourceVersion: string, token = ''): Buffer {
  const meta = Buffer.concat([bytesField(1, ''), bytesField(2, resourceVersion), bytesField(3, token)]);
  return envelope(kind, Buffer.concat([bytesField(1, meta), ...items.map((item) => bytesField(2, item))]));
}

/** A watch frame as the server writes it; `raw` is the object without envelope. */
export function encodeFrame(type: string, kind: string, raw: Buffer): Buffer {
  const event = Buffer.concat([bytesField(1, type), bytesField(2, bytesField(1, envelope(kind, raw)))]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(event.length);
  return Buffer.concat([length, event]);
}

/** A Status object without envelope. */
export function encodeStatus(status: Readonly<Record<string, unknown>>): Buffer {
  return encode(STATUS_OBJECT, status);
}
