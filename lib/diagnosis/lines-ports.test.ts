import { describe, expect, test } from 'vitest';
import { firstVerdict } from './lines-fixture';

/** What programs print at their end when a port is taken or a Service stands in for a port, by the cause it means. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  'port-in-use': [
    'panic: listen tcp :8080: bind: address already in use',
    'Error: listen EADDRINUSE: address already in use :::3000\n    at Server.setupListenHandle [as _listen2] (node:net:1898:16)',
    'OSError: [Errno 98] Address already in use',
    "[ERROR] Connection in use: ('0.0.0.0', 8000)\n[ERROR] Can't connect to ('0.0.0.0', 8000)\nOSError: [Errno 98] Address already in use: ('0.0.0.0', 8000)",
    'Web server failed to start. Port 8080 was already in use.',
    'java.net.BindException: Address already in use (Bind failed)',
    'Caused by: java.io.IOException: Failed to bind to address /0.0.0.0:9092: Address already in use',
    'nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)',
    'Address already in use - bind(2) for "0.0.0.0" port 3000 (Errno::EADDRINUSE)',
    'called `Result::unwrap()` on an `Err` value: Os { code: 98, kind: AddrInUse, message: "Address already in use" }',
    'System.IO.IOException: Failed to bind to address http://[::]:80: address already in use.',
    'Warning: Could not create server TCP listening socket *:6379: bind: Address already in use',
    'FATAL:  could not create any TCP/IP sockets\nLOG:  could not bind IPv4 address "0.0.0.0": Address already in use',
    '** (EXIT) {:listen_error, :eaddrinuse} shutdown: failed to start child: :ranch_acceptors eaddrinuse',
    'F0301 11:58:59.123645       5 main.go:59] Port 80 is already in use. Please check the flag --http-port',
    '{"level":"error","logger":"setup","msg":"unable to start manager","error":"error listening on :8080: listen tcp :8080: bind: address already in use"}',
    "[ERROR] Can't start server: Bind on TCP/IP port: Address already in use\n[ERROR] Do you already have another mysqld server running on port: 3306 ?",
    'AH00072: make_sock: could not bind to address [::]:80: Address already in use',
    '[ALERT] (1) : Starting frontend http: cannot bind socket (Address already in use) [0.0.0.0:80]',
  ],
  'service-link-env': [
    "ValueError: invalid literal for int() with base 10: 'tcp://10.43.0.12:5432'",
    'Exception in thread "main" java.lang.NumberFormatException: For input string: "tcp://10.96.0.4:8080"\n\tat java.base/java.lang.Integer.parseInt(Integer.java:652)',
    "Error: Invalid value for '--port': 'tcp://10.0.33.26:4912' is not a valid integer.",
    'Invalid HTTP port: tcp://172.31.14.133:9000',
    'strconv.ParseInt: parsing "tcp://10.96.0.4:9093": invalid syntax',
    "RangeError [ERR_SOCKET_BAD_PORT]: options.port should be >= 0 and < 65536. Received type string ('tcp://10.0.0.3:6379').",
    'dial tcp: address redis:tcp://10.96.3.14:6379: too many colons in address',
    'invalid value for Integer(): "tcp://10.96.3.14:3000" (ArgumentError)',
    'ParseIntError parsing WEB_PORT=tcp://10.96.3.14:80: invalid digit found in string',
    "Invalid port number: 'tcp://10.96.3.14:80'",
    "could not parse port 'tcp://10.96.3.14:80' as an integer",
    'Failed to bind properties under \'management.port\' to java.lang.Integer:\n\n    Property: management.port\n    Value: "tcp://10.96.40.2:8080"\n    Reason: failed to convert java.lang.String to java.lang.Integer',
    'nginx: [emerg] invalid port in "tcp://10.96.40.2:8080" of the "listen" directive in /etc/nginx/conf.d/default.conf:2',
  ],
};

describe.each(Object.entries(LINES))('%s', (cause, lines) => {
  test.each(lines)('%s', (line) => {
    expect(firstVerdict(`starting\nloading settings\n${line}\n`, 1)?.cause).toBe(cause);
  });
});

test('a setting that is no number is blamed on the Service only where service links are on', () => {
  const line = "ValueError: invalid literal for int() with base 10: 'tcp://10.43.0.12:5432'";
  expect(firstVerdict(line, 1, {}, { enableServiceLinks: false })?.cause).toBe('setting-invalid');
});

test('names the port that is taken, whatever stands before it', () => {
  expect(
    firstVerdict('2026-03-01T11:58:59Z fatal: listen tcp 0.0.0.0:9102: bind: address already in use', 1)?.what,
  ).toContain('9102');
});
