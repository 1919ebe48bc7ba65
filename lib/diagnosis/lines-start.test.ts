import { describe, expect, test } from 'vitest';
import { firstVerdict } from './lines-fixture';

/** The only line of a container that the image or the node could not start, with its exit code, by the cause it means. */
const LINES: Readonly<Record<string, readonly (readonly [string, number])[]>> = {
  'broken-entrypoint': [
    ['exec /usr/local/bin/entrypoint.sh: no such file or directory', 255],
    ['standard_init_linux.go:228: exec user process caused: no such file or directory', 1],
    ['[FATAL tini (7)] exec /usr/local/bin/entrypoint.sh failed: Permission denied', 126],
    ["/usr/bin/env: 'bash\\r': No such file or directory", 127],
    ["env: can't execute 'bash': No such file or directory", 127],
    ['/bin/sh: /app/run.sh: /bin/bash^M: bad interpreter: No such file or directory', 126],
    ["/entrypoint.sh: line 2: $'\\r': command not found", 2],
    ['{"msg":"exec container process (missing dynamic library?) `/app/run.sh`: No such file or directory"}', 1],
    ['/entrypoint.sh: line 14: gosu: command not found', 127],
    ['Error: Unable to access jarfile /app/app.jar', 1],
    ['/bin/sh: 1: /app/start.sh: Permission denied', 126],
  ],
  'node-runtime': [
    ['nginx: [emerg] socket() [::]:80 failed (97: Address family not supported by protocol)', 1],
    ['OSError: [Errno 97] Address family not supported by protocol', 1],
    ['modprobe: FATAL: Module ip_tables not found in directory /lib/modules/6.1.0', 1],
    ['FATAL: kernel too old', 1],
    ['Failed to initialize NVML: Driver/library version mismatch', 255],
    ['RuntimeError: Found no NVIDIA driver on your system.', 1],
    ['/docker-entrypoint.sh: line 12: mkdir: command not found', 127],
  ],
};

describe.each(Object.entries(LINES))('%s', (cause, lines) => {
  test.each(lines)('%s', (line, exitCode) => {
    expect(firstVerdict(`${line}\n`, exitCode)?.cause).toBe(cause);
  });
});

test('a program that the spec names and a shell does not find is the fault of the spec', () => {
  const spec = { args: ['serv'] };
  expect(firstVerdict('/docker-entrypoint.sh: line 47: exec: serv: not found\n', 127, spec)?.cause).toBe('bad-command');
});
