import { describe, expect, test } from 'vitest';
import { findDecisiveLine } from './decisive-line';
import { toLogLines } from './to-log-lines';

function decide(text: string) {
  return findDecisiveLine(toLogLines({ head: text, tail: '', skippedLines: 0, stamped: false }, 'previous'));
}

/** What a program printed, and a piece of the line that tells why it ended. */
const CASES: readonly (readonly [name: string, kind: string, log: string, decisive: string])[] = [
  [
    'Go panic with an earlier error',
    'go',
    `2026/03/01 11:58:55 error: cache warm-up failed, going on
panic: assignment to entry in nil map

goroutine 1 [running]:
main.load(...)
\t/src/main.go:18
main.main()
\t/src/main.go:9 +0x45
exit status 2`,
    'assignment to entry in nil map',
  ],
  [
    'letter of an old etcd for its level',
    'leveled',
    `2026-03-01 11:58:58.100001 I | etcdmain: Go OS/Arch: linux/amd64
2026-03-01 11:58:58.200001 C | etcdmain: member 86adba6a3f2b2193 is of another cluster
2026-03-01 11:58:58.300001 N | pkg/osutil: received nothing`,
    'of another cluster',
  ],
  [
    'Go fatal error',
    'go',
    `fatal error: all goroutines are asleep - deadlock!

goroutine 1 [chan receive]:
main.main()
\t/src/main.go:7 +0x31`,
    'all goroutines are asleep',
  ],
  [
    'Go panic raised again by its handler',
    'go',
    `panic: open /etc/app/rules.json: no such file or directory [recovered]
\tpanic: handler failed

goroutine 1 [running]:
main.main.func1()
\t/src/main.go:12 +0x5f`,
    'open /etc/app/rules.json',
  ],
  [
    'Rust panic, new form',
    'rust',
    `INFO starting
thread 'main' panicked at src/main.rs:14:38:
called \`Result::unwrap()\` on an \`Err\` value: Os { code: 2, kind: NotFound, message: "No such file or directory" }
note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace`,
    'kind: NotFound',
  ],
  [
    'Rust panic, old form',
    'rust',
    `thread 'main' panicked at 'config has no section "db"', src/config.rs:22:5
note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace`,
    'config has no section',
  ],
  [
    'Rust anyhow chain',
    'rust',
    `Error: cannot start server

Caused by:
    0: binding listener
    1: Address in use (os error 98)`,
    'Address in use',
  ],
  [
    'Python traceback',
    'python',
    `INFO:app:ready to start
Traceback (most recent call last):
  File "/app/main.py", line 12, in <module>
    run()
  File "/app/main.py", line 8, in run
    return 1 / 0
ZeroDivisionError: division by zero`,
    'ZeroDivisionError: division by zero',
  ],
  [
    'Python direct cause',
    'python',
    `Traceback (most recent call last):
  File "/app/db.py", line 4, in connect
    socket.create_connection(("db", 5432))
ConnectionRefusedError: [Errno 111] Connection refused

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/main.py", line 3, in <module>
    connect()
RuntimeError: database unavailable`,
    'ConnectionRefusedError',
  ],
  [
    'Python lookup that failed on the way',
    'python',
    `Traceback (most recent call last):
  File "/app/conf.py", line 4, in get
    return os.environ[name]
KeyError: 'DATABASE_URL'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/main.py", line 3, in <module>
    conf.get("DATABASE_URL")
ImproperlyConfigured: Set the DATABASE_URL environment variable`,
    'ImproperlyConfigured',
  ],
  [
    'Java chain of causes',
    'java',
    `2026-03-01 11:58:59.001  INFO 1 --- [main] shop.Web : Starting
Exception in thread "main" org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'dataSource'
\tat org.springframework.beans.factory.support.AbstractBeanFactory.doGetBean(AbstractBeanFactory.java:317)
\tat shop.Web.main(Web.java:11)
Caused by: com.zaxxer.hikari.pool.HikariPool$PoolInitializationException: Failed to initialize pool
\tat com.zaxxer.hikari.pool.HikariPool.throwPoolInitializationException(HikariPool.java:596)
\t... 14 more
Caused by: java.net.ConnectException: Connection refused
\tat java.base/sun.nio.ch.Net.pollConnect(Native Method)
\t... 22 more`,
    'java.net.ConnectException: Connection refused',
  ],
  [
    'Kotlin on the same machine',
    'java',
    `Exception in thread "main" kotlin.UninitializedPropertyAccessException: lateinit property config has not been initialized
\tat shop.MainKt.main(Main.kt:9)
\tat shop.MainKt.main(Main.kt)`,
    'lateinit property config',
  ],
  [
    '.NET unhandled with inner exception',
    'dotnet',
    `info: Microsoft.Hosting.Lifetime[14]
      Now starting
Unhandled exception. System.AggregateException: One or more errors occurred. (Name or service not known)
 ---> System.Net.Sockets.SocketException (0xFFFDFFFF): Name or service not known
   at System.Net.Dns.GetHostEntryOrAddressesCore(String hostName)
   --- End of inner exception stack trace ---
   at Shop.Program.Main(String[] args) in /src/Program.cs:line 14`,
    'SocketException',
  ],
  [
    'Node.js uncaught error',
    'node',
    `listening soon
/app/server.js:12
    throw new Error('rate table is empty');
    ^

Error: rate table is empty
    at Object.<anonymous> (/app/server.js:12:11)
    at Module._compile (node:internal/modules/cjs/loader:1358:14)

Node.js v20.11.1`,
    'Error: rate table is empty',
  ],
  [
    'Node.js error with a cause',
    'node',
    `TypeError: fetch failed
    at node:internal/deps/undici/undici:12618:11
    at async main (/app/main.js:3:10) {
  [cause]: Error: connect ECONNREFUSED 10.0.0.5:8080
      at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1595:16) {
    errno: -111,
    code: 'ECONNREFUSED'
  }
}`,
    'ECONNREFUSED 10.0.0.5:8080',
  ],
  [
    'Ruby exception',
    'ruby',
    `=> Booting Puma
/app/config/environment.rb:5:in \`<main>': undefined method \`fetch' for nil:NilClass (NoMethodError)
\tfrom /usr/local/bundle/gems/zeitwerk-2.6.12/lib/zeitwerk/kernel.rb:34:in \`require'
\tfrom bin/rails:4:in \`<main>'`,
    'undefined method',
  ],
  [
    'PHP fatal error',
    'php',
    `PHP Fatal error:  Uncaught RuntimeException: price list is empty in /app/src/Prices.php:31
Stack trace:
#0 /app/public/index.php(12): Prices->load()
#1 {main}
  thrown in /app/src/Prices.php on line 31`,
    'price list is empty',
  ],
  [
    'C++ exception',
    'native',
    `loading model
terminate called after throwing an instance of 'std::out_of_range'
  what():  map::at
Aborted (core dumped)`,
    'map::at',
  ],
  ['C segmentation fault', 'native', 'opening index\nSegmentation fault (core dumped)', 'Segmentation fault'],
  [
    'Elixir exit',
    'erlang',
    `** (RuntimeError) environment variable SECRET_KEY_BASE is missing.
You can generate one by calling: mix phx.gen.secret

    /app/releases/0.1.0/runtime.exs:41: (file)
    (elixir 1.15.7) src/elixir.erl:396: :elixir.eval_external_handler/1`,
    'SECRET_KEY_BASE is missing',
  ],
  [
    'JSON line, error field over message',
    'json',
    `{"level":"info","ts":1772366335.1,"msg":"starting"}
{"level":"error","ts":1772366336.2,"msg":"unable to start","error":"listen tcp :8080: bind: address already in use"}
{"level":"info","ts":1772366336.3,"msg":"shutting down"}`,
    'address already in use',
  ],
  [
    'JSON line of pino with a nested error',
    'json',
    `{"level":30,"time":1772366335000,"msg":"boot"}
{"level":60,"time":1772366336000,"err":{"type":"Error","message":"no route table for tenant 7","stack":"Error: no route table for tenant 7\\n    at load (/app/a.js:3:9)\\n    at main (/app/b.js:1:1)"},"msg":"fatal"}`,
    'no route table for tenant 7',
  ],
  [
    'logfmt',
    'logfmt',
    `time="2026-03-01T11:58:59Z" level=info msg="loading configuration"
time="2026-03-01T11:58:59Z" level=fatal msg="cannot load rules" err="yaml: line 12: mapping values are not allowed in this context"`,
    'mapping values are not allowed',
  ],
  [
    'klog',
    'klog',
    `I0301 11:58:58.120001       1 main.go:41] Starting controller
E0301 11:58:59.120001       1 main.go:77] "Failed to get configmap" err="configmaps \\"web\\" is forbidden: User \\"system:serviceaccount:shop:web\\" cannot get resource \\"configmaps\\""
I0301 11:58:59.130001       1 main.go:80] Stopping`,
    'is forbidden',
  ],
  [
    'zap console',
    'zap',
    `2026-03-01T11:58:58.120Z\tINFO\tsetup\tstarting manager
2026-03-01T11:58:59.120Z\tERROR\tsetup\tproblem running manager\t{"error": "no matches for kind \\"Basket\\" in version \\"shop.example/v1\\""}`,
    'no matches for kind',
  ],
  [
    'log4j',
    'leveled',
    `[2026-03-01 11:58:58,120] INFO Registered signal handlers (org.shop.Log)
[2026-03-01 11:58:59,120] ERROR Exiting because the log directory /data is not writable (org.shop.Main)
[2026-03-01 11:58:59,130] INFO shut down completed (org.shop.Main)`,
    'is not writable',
  ],
  [
    'syslog levels of a web server',
    'leveled',
    `2026/03/01 11:58:59 [notice] 1#1: using the "epoll" event method
2026/03/01 11:58:59 [emerg] 1#1: unknown directive "servr" in /etc/nginx/conf.d/default.conf:3`,
    'unknown directive',
  ],
  [
    'plain text without levels',
    'plain',
    `Loading settings
Connecting to queue
could not read certificate: permission denied
bye`,
    'permission denied',
  ],
  [
    'health checks and retries are noise',
    'leveled',
    `ERROR cannot open /data/store: input/output error
INFO GET /healthz 200
INFO GET /healthz 200
INFO GET /healthz 200
WARN deprecated setting "mode"`,
    'input/output error',
  ],
  [
    'package managers speak last and say least',
    'leveled',
    `> web@1.4.2 start
> node server.js

Error: listen EACCES: permission denied 0.0.0.0:80
npm ERR! Lifecycle script \`start\` failed with error:
npm ERR! Error: command failed
npm ERR! A complete log of this run can be found in: /root/.npm/_logs/2026-03-01.log`,
    'EACCES',
  ],
  [
    'JVM that ends itself, in a line that only says it ends',
    'plain',
    `[574.102s][info][gc] GC(88) Pause Full (Metadata GC Threshold) 61M->61M(96M) 80.1ms
Terminating due to java.lang.OutOfMemoryError: Metaspace`,
    'OutOfMemoryError: Metaspace',
  ],
  [
    'one letter between brackets as level',
    'leveled',
    `2026/03/01 11:58:58 cmd/web.go:206:runWeb() [I] Starting on PID: 1
2026/03/01 11:58:59 routers/common/db.go:36:InitDBEngine() [F] Your database (migration version: 280) is for a newer release`,
    'is for a newer release',
  ],
  [
    'plain line whose only words are those of the kernel',
    'plain',
    `2026/03/01 11:58:58 opening the store
2026/03/01 11:58:59 open /data/wal/00000012: no space left on device
2026/03/01 11:58:59 bye`,
    'no space left on device',
  ],
];

describe('the decisive line of a log', () => {
  test.each(CASES)('%s', (_name, kind, log, decisive) => {
    const found = decide(log);
    expect(found?.text).toContain(decisive);
    expect(found?.kind).toBe(kind);
    expect(log.split('\n')[(found?.no ?? 0) - 1]).toContain(decisive);
  });

  test('is absent where nothing says why', () => {
    expect(decide('starting\nloading 14 rules\nready\n')).toBeNull();
    expect(decide('')).toBeNull();
  });

  test('is what the program repeats up to its end, over an error that it got past', () => {
    const stuck = 'WARN cannot reach db: connection refused, next try in 4 s\n';
    expect(decide(`ERROR metrics are off\n${stuck.repeat(5)}`)?.message).toContain('connection refused');
    expect(
      decide(`ERROR metrics are off: cannot open /metrics\n${stuck.repeat(5)}INFO connected\nINFO a\nINFO b\nINFO c\n`)
        ?.message,
    ).toContain('metrics');
  });

  test('is quoted whole, without the passwords in it', () => {
    const found = decide('FATAL cannot connect to postgres://shop:hunter2@db:5432/shop: connection refused');
    expect(found?.text).toBe(
      'FATAL cannot connect to postgres://shop:[withheld: looks like a password]@db:5432/shop: connection refused',
    );
  });

  test('is found behind escape sequences, NULs and kubelet timestamps', () => {
    const log = toLogLines(
      {
        head: '2026-03-01T11:58:58.000000001Z \u001b[32mINFO\u001b[0m start\n2026-03-01T11:58:59.000000001Z \u001b[31mERROR\u001b[0m disk\u0000 on fire: cannot write\n',
        tail: '',
        skippedLines: 0,
        stamped: true,
      },
      'previous',
    );
    expect(findDecisiveLine(log)).toMatchObject({ no: 2, text: 'ERROR disk on fire: cannot write' });
    expect(log.lines[1]?.at).toBe(Date.parse('2026-03-01T11:58:59Z'));
  });

  test('keeps its number over a gap between head and tail', () => {
    const log = toLogLines(
      { head: 'one\ntwo\n', tail: 'three\nFATAL no licence\n', skippedLines: 900, stamped: false },
      'previous',
    );
    expect(log.gapBefore).toBe(3);
    expect(findDecisiveLine(log)?.no).toBe(4);
  });
});
