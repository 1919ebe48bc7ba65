import { describe, expect, test } from 'vitest';
import { firstVerdict } from './lines-fixture';

/** What programs print when user, filesystem or kernel refuse them something, by the cause it means. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  'volume-permission': [
    "mkdir: cannot create directory '/bitnami/mariadb/data': Permission denied",
    "mkdir: can't create directory '/var/lib/postgresql/data': Permission denied",
    'open /prometheus/queries.active: permission denied',
    'ts=2026-03-01T11:58:59Z caller=query_logger.go:86 level=error component=activeQueryTracker msg="Error opening query log file" file=/prometheus/queries.active err="open /prometheus/queries.active: permission denied"\npanic: Unable to create mmap-ed active query log\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:1',
    "GF_PATHS_DATA='/var/lib/grafana' is not writable.\nYou may have issues with file permissions, more information here: http://docs.grafana.org/installation/docker/\nmkdir: can't create directory '/var/lib/grafana/plugins': Permission denied",
    "PermissionError: [Errno 13] Permission denied: '/data/app.log'",
    "Error: EACCES: permission denied, open '/app/uploads/x'",
    'java.nio.file.AccessDeniedException: /usr/share/elasticsearch/data/nodes',
    'java.io.FileNotFoundException: /var/log/web/web.log (Permission denied)',
    "Unhandled exception. System.UnauthorizedAccessException: Access to the path '/app/keys' is denied.",
    'Permission denied @ dir_s_mkdir - /app/tmp/cache (Errno::EACCES)',
    'The stream or file "/var/www/html/storage/logs/laravel.log" could not be opened in append mode: Failed to open stream: Permission denied',
    'called `Result::unwrap()` on an `Err` value: Os { code: 13, kind: PermissionDenied, message: "Permission denied" }',
    "Fatal: can't open '/data/dump.rdb': Permission denied",
    "*** FATAL CONFIG FILE ERROR (Redis 7.2.4) ***\nReading the configuration file, at line 2\n>>> 'dir \"/data/redis\"'\nCan't chdir to '/data/redis': Permission denied",
    "mysqld: Can't create/write to file '/var/lib/mysql/is_writable' (OS errno 13 - Permission denied)",
    '{"t":{"$date":"2026-03-01T11:58:59.000+00:00"},"s":"E","c":"STORAGE","id":20557,"ctx":"initandlisten","msg":"DBException in initAndListen, terminating","attr":{"error":"IllegalOperation: Attempted to create a lock file on a read-only directory: /data/db"}}',
    'chown: /var/lib/postgresql/data: Operation not permitted',
    'initdb: error: could not change permissions of directory "/var/lib/postgresql/data": Operation not permitted',
    'FATAL:  data directory "/var/lib/postgresql/data" has wrong ownership\nHINT:  The server must be started by the user that owns the data directory.',
    '{"Failed to create cookie file \'/.erlang.cookie\': eacces",[{auth,create_cookie,1}]}',
    'Error initializing storage of type raft: failed to create fsm: failed to open bolt file: open /vault/data/vault.db: permission denied',
    '{"level":"fatal","caller":"etcdmain/etcd.go:204","msg":"discovery failed","error":"cannot access data directory: mkdir /var/lib/etcd/default.etcd: permission denied"}',
    'nginx: [emerg] mkdir() "/var/cache/nginx/client_temp" failed (13: Permission denied)',
    'ERROR the data directory /var/lib/app is not writable by the current user',
    '/entrypoint.sh: line 12: /etc/app/app.conf: Permission denied',
    '** (File.Error) could not make directory (with -p) "/app/uploads": permission denied',
    'Cookie file /var/lib/rabbitmq/.erlang.cookie must be accessible by owner only',
    'FATAL:  private key file "/tls/tls.key" has group or world access',
    'npm error code EACCES\nnpm error syscall mkdir\nnpm error path /.npm\nnpm error errno EACCES',
    'There was an error while trying to write to `/app/Gemfile.lock`. It is likely that you need to grant write permissions for that path. (Bundler::PermissionError)',
    "mkdir: cannot create directory '../sonatype-work/nexus3/log': Permission denied\njava.io.FileNotFoundException: ../sonatype-work/nexus3/tmp/i4j.lock (No such file or directory)\n\tat java.io.RandomAccessFile.open0(Native Method)",
    '/opt/mssql/bin/sqlservr: Error: The system directory [/.system] could not be created. File: LinuxDirectory.cpp:420 [Status: 0xC0000022 Access Denied errno = 0xD(13) Permission denied]',
  ],
  'read-only-filesystem': [
    "OSError: [Errno 30] Read-only file system: '/app/cache'",
    "Error: EROFS: read-only file system, open '/app/.next/trace'",
    'nginx: [emerg] open() "/var/run/nginx.pid" failed (30: Read-only file system)',
    'mkdir: cannot create directory ‘/run/app’: Read-only file system',
    'level=fatal msg="open /tmp/lock: read-only file system"',
    'java.nio.file.FileSystemException: /opt/app/tmp: Read-only file system',
    'Caused by: java.nio.file.ReadOnlyFileSystemException',
    "Unhandled exception. System.IO.IOException: Read-only file system : '/app/logs'",
    'Read-only file system @ rb_sysopen - /app/tmp/pids/server.pid (Errno::EROFS)',
    'called `Result::unwrap()` on an `Err` value: Os { code: 30, kind: ReadOnlyFilesystem, message: "Read-only file system" }',
    "mysqld: Can't create/write to file '/tmp/ibXYZ' (Errcode: 30 \"Read-only file system\")",
    'addgroup: /etc/group: Read-only file system',
    '/entrypoint.sh: line 8: cannot create temp file for here-document: Read-only file system',
    '** (File.Error) could not write to file "/app/releases/env.sh": read-only file system',
  ],
  'denied-by-kernel': [
    'sysctl: setting key "vm.max_map_count": Read-only file system',
    'Caused by: java.net.SocketException: Permission denied\n\tat java.base/sun.nio.ch.Net.bind0(Native Method)\n\tat java.base/sun.nio.ch.Net.bind(Net.java:555)',
    'ERROR: Cannot open TUN/TAP dev /dev/net/tun: No such file or directory (errno=2)',
    "Failed listening on '22': Error listening: Permission denied",
    'su-exec: setgroups: Operation not permitted',
    '[rootlesskit:parent] error: failed to start the child: fork/exec /proc/self/exe: operation not permitted',
    'listen tcp :80: bind: permission denied',
    'Error: listen EACCES: permission denied 0.0.0.0:443',
    '(13)Permission denied: AH00072: make_sock: could not bind to address [::]:80\nno listening sockets available, shutting down',
    '[ALERT]    (1) : Starting frontend web: cannot bind socket (Permission denied) for [0.0.0.0:80]',
    "PermissionError: [Errno 13] Permission denied: ('0.0.0.0', 80)",
    'Error: loading initial config: loading new config: http app module: start: listening on :443: listen tcp :443: bind: permission denied',
    'Permission denied - bind(2) for "0.0.0.0" port 80 (Errno::EACCES)',
    "error: cannot bind '0.0.0.0:80': Permission denied",
    'Unhandled exception. System.Net.Sockets.SocketException (13): Permission denied\n   at Kestrel\nfailed to bind to address http://[::]:80: permission denied',
    'nginx: [emerg] setgid(101) failed (1: Operation not permitted)',
    'error: failed switching to "redis": operation not permitted',
    's6-applyuidgid: fatal: unable to set supplementary group list: Operation not permitted',
    'su: cannot set groups: Operation not permitted',
    'sudo: The "no new privileges" flag is set, which prevents sudo from running as root.',
    "iptables v1.8.9 (legacy): can't initialize iptables table `nat': Permission denied (you must be root)",
    'ip: RTNETLINK answers: Operation not permitted',
    'mount: /mnt/data: permission denied.',
    'fusermount3: mount failed: Operation not permitted',
    'exec /usr/local/bin/web: operation not permitted',
    'ping: socket: Operation not permitted',
    'Failed to move to new namespace: PID namespaces supported, Network namespace supported, but failed: errno = Operation not permitted',
    'failed to load bpf objects: map create: operation not permitted',
    'Error initializing core: Failed to lock memory: operation not permitted',
    'runtime/cgo: pthread_create failed: Operation not permitted\nSIGABRT: abort',
    'level=fatal msg="failed to set rlimit: operation not permitted"',
    'open /dev/net/tun: operation not permitted',
    'strace: ptrace(PTRACE_TRACEME, ...): Operation not permitted',
    'Error: missing required capability CAP_NET_ADMIN',
  ],
};

describe.each(Object.entries(LINES))('%s', (cause, lines) => {
  test.each(lines)('%s', (line) => {
    expect(firstVerdict(`starting\nloading settings\n${line}\n`, 1)?.cause).toBe(cause);
  });
});

describe('root without a capability and users without rights are told apart', () => {
  const drop = { capabilities: { drop: ['ALL'] } };
  test.each([
    ['chown: /data: Operation not permitted', { ...drop, runAsUser: 0 }, 'denied-by-kernel'],
    ['chown: /data: Operation not permitted', { ...drop, runAsUser: 1000 }, 'volume-permission'],
    ['chown: /data: Operation not permitted', {}, 'volume-permission'],
    [
      'nginx: [emerg] chown("/var/cache/nginx/client_temp", 101) failed (1: Operation not permitted)',
      drop,
      'denied-by-kernel',
    ],
    ['mkdir: cannot create directory /data/x: Permission denied', { ...drop, runAsUser: 1000 }, 'volume-permission'],
  ])('%s with %j', (line, securityContext, cause) => {
    expect(firstVerdict(`${line}\n`, 1, { securityContext })?.cause).toBe(cause);
  });
});

test('a low port that the kernel refuses is certain, a high one is not', () => {
  expect(firstVerdict('listen tcp :443: bind: permission denied\n', 1)?.confidence).toBe('certain');
  expect(firstVerdict('listen tcp :8443: bind: permission denied\n', 1)?.confidence).not.toBe('certain');
});

test('a warning that the program went on from does not explain the crash that came later', () => {
  const crash =
    'Exception in thread "main" java.lang.NullPointerException: name is null\n\tat shop.Web.main(Web.java:5)';
  const verdict = firstVerdict(
    `WARN no cache: open /home/app/.cache/x: permission denied\nINFO starting\n${crash}\n`,
    1,
  );
  expect(verdict?.cause).toBe('app-exception');
});
