import { describe, expect, test } from 'vitest';
import { firstVerdict } from './lines-fixture';

const SPRING = (description: string) =>
  `***************************\nAPPLICATION FAILED TO START\n***************************\n\nDescription:\n\n${description}\n\nAction:\n\nConsider revisiting the entries above.`;

/** Last words in which the words of another cause stand too, by the cause they mean. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  'dependency-dns': [
    'pymongo.errors.ServerSelectionTimeoutError: db-0.db:27017: [Errno -2] Name or service not known (configured timeouts: connectTimeoutMS: 20000.0ms), Timeout: 30s, Topology Description: <TopologyDescription id: 66, topology_type: ReplicaSetNoPrimary>',
    'org.apache.kafka.common.KafkaException: Failed to construct kafka consumer\nCaused by: org.apache.kafka.common.config.ConfigException: No resolvable bootstrap urls given in bootstrap.servers',
  ],
  'data-corrupt': [
    'level=error err="opening storage failed: block dir: \\"/prometheus/01HX\\": open /prometheus/01HX/meta.json: unexpected end of JSON input"',
  ],
  'bad-credentials': ['amqp: Exception (403) Reason: "username or password not allowed"'],
  'missing-module': ['error: Module not found "file:///app/src/main.ts".'],
  'wrong-architecture': [
    'Error: /app/node_modules/sharp/build/Release/sharp-linux-x64.node: invalid ELF header\n    at process.dlopen (node:internal/modules/cjs/loader:1340:18)',
  ],
  'broken-entrypoint': [
    "node:internal/modules/cjs/loader:1228\n  throw err;\n  ^\n\nError: Cannot find module '/app/server.js'\n    at Module._resolveFilename (node:internal/modules/cjs/loader:1225:15)\n  code: 'MODULE_NOT_FOUND',\n  requireStack: []",
  ],
  'migration-failed': [
    '  Applying auth.0001_initial...Traceback (most recent call last):\n  File "/app/manage.py", line 22, in main\n    execute()\ndjango.db.utils.ProgrammingError: relation "auth_user" already exists',
  ],
  'app-exception': [
    SPRING(
      'The dependencies of some of the beans in the application context form a cycle:\n\n   orders (field private Payments)',
    ),
  ],
  'port-in-use': [SPRING('Web server failed to start. Port 8080 was already in use.')],
};

describe('words of another cause in the last words of a program', () => {
  for (const [cause, lines] of Object.entries(LINES)) {
    test.each(lines)(`${cause}: %s`, (line) => {
      const best = firstVerdict(line, 1);
      expect(best?.cause).toBe(cause);
      expect(['certain', 'likely']).toContain(best?.confidence);
    });
  }
});
