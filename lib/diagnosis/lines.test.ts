import { describe, expect, test } from 'vitest';
import { firstVerdict } from './lines-fixture';

const causeOf = (...args: Parameters<typeof firstVerdict>): string | undefined => firstVerdict(...args)?.cause;

/** What programs of many languages print at their end, by the cause it means. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  'env-missing': [
    'Error: Environment variable DATABASE_URL is required but was not provided',
    'panic: required environment variable "JWT_SECRET" not set',
    'FATAL: missing required env var: STRIPE_API_KEY',
    '2026/03/01 11:58:59 required key AWS_REGION missing value',
    'env: environment variable "SMTP_HOST" should not be empty',
    'bash: QUEUE_NAME: unbound variable',
    './entrypoint.sh: 3: ./entrypoint.sh: DB_HOST: parameter not set',
    "KeyError: 'SLACK_TOKEN'",
    'django.core.exceptions.ImproperlyConfigured: Set the SECRET_KEY environment variable',
    'decouple.UndefinedValueError: API_BASE_URL not found. Declare it as envvar or define a default value.',
    "Error: Missing environment variable 'GITHUB_CLIENT_ID'",
    'Error: DB_PASSWORD must be set',
    "java.lang.IllegalArgumentException: Could not resolve placeholder 'app.jwt.secret'",
    'key not found: "REDIS_URL" (KeyError)',
    "ArgumentError: Missing `secret_key_base` for 'production' environment",
    '** (RuntimeError) environment variable DATABASE_URL is missing.',
    "System.InvalidOperationException: Environment variable 'ConnectionStrings__Db' not set; MAIL_KEY is missing",
    'Error: Database is uninitialized and superuser password is not specified.',
    "thread 'main' panicked at src/main.rs:9:44:\nDATABASE_URL must be set: NotPresent",
    'Error: ELASTIC_PASSWORD is not set. Please set it to continue.',
    'You need to specify one of MYSQL_ROOT_PASSWORD, MYSQL_ALLOW_EMPTY_PASSWORD and MYSQL_RANDOM_ROOT_PASSWORD as an environment variable',
    '❌ Invalid environment variables: { NEXTAUTH_SECRET: [ "Required" ] }',
    'level=fatal msg="config: env var KAFKA_BROKERS is unset"',
    '{"level":"fatal","msg":"startup","error":"environment variable OIDC_ISSUER is empty"}',
    'pydantic_core._pydantic_core.ValidationError: 1 validation error for Settings\ndatabase_url\n  Field required [type=missing, input_value={}, input_type=dict]',
  ],
  'missing-module': [
    "ModuleNotFoundError: No module named 'yaml'",
    'ImportError: libGL.so.1: cannot open shared object file: No such file or directory',
    "ImportError: cannot import name 'soft_unicode' from 'markupsafe' (/usr/lib/python3/dist-packages/markupsafe/__init__.py)",
    "Error: Cannot find module 'pg'\nRequire stack:\n- /app/db.js",
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'fastify' imported from /app/index.mjs",
    "Error: Cannot find module './dist/worker'\nRequire stack:\n- /app/index.js\n    at Module._resolveFilename (node:internal/modules/cjs/loader:1225:15)",
    "<internal:/usr/lib/ruby/rubygems.rb>:136:in `require': cannot load such file -- nokogiri (LoadError)",
    'Could not find rack-3.0.8 in locally installed gems (Bundler::GemNotFound)',
    'Exception in thread "main" java.lang.NoClassDefFoundError: org/slf4j/LoggerFactory\n\tat shop.Web.<clinit>(Web.java:9)',
    'Error: A JNI error has occurred\nException in thread "main" java.lang.UnsupportedClassVersionError: shop/Web has been compiled by a more recent version of the Java Runtime (class file version 65.0)\n\tat java.lang.ClassLoader.defineClass1(Native Method)',
    "./web: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by ./web)",
    './web: error while loading shared libraries: libssl.so.3: cannot open shared object file: No such file or directory',
    'Error loading shared library libstdc++.so.6: No such file or directory (needed by ./node_modules/sharp.node)',
    'Error relocating /usr/bin/web: __memcpy_chk: symbol not found',
    'You must install or update .NET to run this application.',
    "Unhandled exception. System.IO.FileNotFoundException: Could not load file or assembly 'Npgsql, Version=8.0.0.0'. The system cannot find the file specified.",
    'PHP Fatal error:  Uncaught Error: Class "Redis" not found in /app/cache.php:4',
    'PHP Fatal error:  Uncaught Error: Call to undefined function mb_strlen() in /app/text.php:8',
    'PDOException: could not find driver',
    "Can't locate DBI.pm in @INC (you may need to install the DBI module)",
    "Error: The module '/app/node_modules/bcrypt/lib/binding/napi-v3/bcrypt_lib.node'\nwas compiled against a different Node.js version using",
    "Process terminated. Couldn't find a valid ICU package installed on the system.",
    'Error: libvips.so.42: cannot open shared object file: No such file or directory',
    'Error in library(shiny) : there is no package called ‘shiny’',
  ],
  'bad-argument': [
    'flag provided but not defined: -kubeconfg',
    'Error: unknown flag: --enable-foo',
    "Error: unknown shorthand flag: 'x' in -x",
    'error: unrecognized arguments: --verbos',
    'Error: No such option: --relaod',
    'node: bad option: --max-heap',
    "error: unexpected argument '--prot' found",
    "error: Found argument '--old' which wasn't expected, or isn't valid in this context",
    "prometheus: error: unknown long flag '--storage.local.path'",
    "Error parsing commandline arguments: unknown long flag '--web.foo'",
    "Unrecognized VM option 'UseConcMarkSweepGC'\nError: Could not create the Java Virtual Machine.",
    'unknown command "serv" for "web"',
    'postgres: unrecognized option: foo\nTry "postgres --help" for more information.',
    "web: error: argument command: invalid choice: 'strat' (choose from 'start', 'stop')",
    'Error: unknown command: frontend',
    "mysqld: [ERROR] unknown option '--innodb-foo'",
    'unrecognized option: --http-port',
    "ERROR: unknown option '--workers-count'",
  ],
  'file-missing': [
    'level=fatal msg="open /etc/web/config.yaml: no such file or directory"',
    "FileNotFoundError: [Errno 2] No such file or directory: '/etc/web/settings.toml'",
    "Error: ENOENT: no such file or directory, open '/app/config.json'",
    'java.io.FileNotFoundException: /etc/web/app.properties (No such file or directory)',
    'Caused by: java.nio.file.NoSuchFileException: /certs/keystore.p12',
    "Unhandled exception. System.IO.FileNotFoundException: Could not find file '/app/appsettings.Production.json'.",
    'nginx: [emerg] open() "/etc/nginx/conf.d/upstream.conf" failed (2: No such file or directory) in /etc/nginx/nginx.conf:31',
    'nginx: [emerg] cannot load certificate "/etc/tls/tls.crt": BIO_new_file() failed (SSL: error:02001002:system library:fopen:No such file or directory)',
    'No such file or directory @ rb_sysopen - /app/config/master.key (Errno::ENOENT)',
    'cat: /run/config/token: No such file or directory',
    "Fatal error, can't open config file '/etc/redis/redis.conf': No such file or directory",
    'Error: config file /etc/web/web.ini does not exist',
    'thread \'main\' panicked at src/main.rs:5:40:\ncalled `Result::unwrap()` on an `Err` value: Os { code: 2, kind: NotFound, message: "No such file or directory" }',
    'ERROR: Config file "/opt/app/conf.yml" not found',
    'msg="Error loading config (--config.file=/etc/prometheus/prometheus.yml)" err="open /etc/prometheus/prometheus.yml: no such file or directory"',
    'PHP Warning: file_get_contents(/etc/app/key.pem): failed to open stream: No such file or directory\nERROR cannot go on without /etc/app/key.pem: no such file',
  ],
  'dependency-refused': [
    'dial tcp 10.96.3.4:6379: connect: connection refused',
    'Error: connect ECONNREFUSED 10.96.3.4:5432',
    'redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.',
    'psycopg2.OperationalError: could not connect to server: Connection refused\n\tIs the server running on host "db" (10.96.0.7) and accepting\n\tTCP/IP connections on port 5432?',
    "django.db.utils.OperationalError: (2002, \"Can't connect to MySQL server on 'db' (115)\")",
    'com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure',
    'FATAL:  the database system is starting up',
    'kafka.errors.NoBrokersAvailable: NoBrokersAvailable',
    'StackExchange.Redis.RedisConnectionException: It was not possible to connect to the redis server(s). UnableToConnect on redis:6379',
    "ERROR 2003 (HY000): Can't connect to MySQL server on 'mysql' (111)",
    'MongoServerSelectionError: connect ECONNREFUSED 10.96.1.1:27017',
    'pq: sorry, too many clients already',
    'E0301 11:58:59.120001       1 leaderelection.go:332] leaderelection lost',
    'Bunny::TCPConnectionFailedForAllHosts: Could not establish TCP connection to any of the configured hosts',
    'Error: dial tcp 192.168.1.9:443: connect: no route to host',
    'PDOException: SQLSTATE[HY000] [2002] Connection refused',
    'Failed to connect to rabbitmq:5672: Connection refused (os error 111)',
    'curl: (7) Failed to connect to vault port 8200 after 2 ms: Connection refused',
  ],
  'dependency-dns': [
    'dial tcp: lookup postgres on 10.96.0.10:53: no such host',
    'Error: getaddrinfo ENOTFOUND mongo',
    'getaddrinfo EAI_AGAIN redis-master',
    'java.net.UnknownHostException: kafka-0.kafka-headless',
    'psycopg2.OperationalError: could not translate host name "db" to address: Name or service not known',
    'nginx: [emerg] host not found in upstream "api" in /etc/nginx/conf.d/default.conf:3',
    "requests.exceptions.ConnectionError: HTTPConnectionPool(host='auth', port=80): Max retries exceeded with url: / (Caused by NameResolutionError(\"Failed to resolve 'auth' ([Errno -2] Name or service not known)\"))",
    'curl: (6) Could not resolve host: vault.vault.svc',
    "nc: bad address 'db'",
    'php_network_getaddresses: getaddrinfo failed: Name or service not known',
    'SocketError: getaddrinfo: Name or service not known (redis://redis:6379)',
    'System.Net.Sockets.SocketException (0xFFFDFFFF): Name or service not known',
    'error trying to connect: dns error: failed to lookup address information: Name or service not known',
    '** (DBConnection.ConnectionError) tcp connect (db:5432): non-existing domain - :nxdomain',
    "mysql: ERROR 2005 (HY000): Unknown MySQL server host 'mysql-primary' (-2)",
    "ping: bad address 'elasticsearch'",
    'ssh: Could not resolve hostname git: Temporary failure in name resolution',
  ],
  'wrong-architecture': [
    'exec /usr/local/bin/docker-entrypoint.sh: exec format error',
    'standard_init_linux.go:228: exec user process caused: exec format error',
    'Fatal glibc error: CPU does not support x86-64-v2',
    '/bin/sh: ./web: cannot execute binary file: Exec format error',
    'WARNING: MongoDB 5.0+ requires a CPU with AVX support, and your current system does not appear to have that!\nIllegal instruction',
    'exec ./server: exec format error',
  ],
  'app-exception': [
    'panic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:8 +0x1d',
    "Traceback (most recent call last):\n  File \"/app/m.py\", line 3, in <module>\n    f()\nAttributeError: 'NoneType' object has no attribute 'get'",
    "/app/index.js:3\nuser.name.first\n          ^\n\nTypeError: Cannot read properties of undefined (reading 'first')\n    at Object.<anonymous> (/app/index.js:3:11)",
    'Exception in thread "main" java.lang.NullPointerException: Cannot invoke "String.length()" because "<local1>" is null\n\tat shop.Web.main(Web.java:5)',
    "/app/app.rb:4:in `total': undefined method `+' for nil:NilClass (NoMethodError)\n\tfrom /app/app.rb:9:in `<main>'",
    'Unhandled exception. System.NullReferenceException: Object reference not set to an instance of an object.\n   at Shop.Program.Main(String[] args) in /src/Program.cs:line 9',
    'Segmentation fault (core dumped)',
    "thread 'main' panicked at src/main.rs:4:5:\nindex out of bounds: the len is 3 but the index is 7",
    "terminate called after throwing an instance of 'std::logic_error'\n  what():  basic_string: construction from null is not valid",
  ],
};

describe.each(Object.entries(LINES))('%s', (cause, lines) => {
  test.each(lines)('%s', (line) => {
    expect(causeOf(`starting\nloading settings\n${line}\n`, 1)).toBe(cause);
  });
});

describe('bad-command', () => {
  const shell = (script: string) => ({ command: ['sh', '-c', script] });
  test.each([
    ['sh: 1: gunicor: not found', 127, shell('gunicor app:app')],
    ['/bin/sh: line 1: ./run-it.sh: not found', 127, shell('./run-it.sh')],
    [
      "python3: can't open file '/app/manage.py': [Errno 2] No such file or directory",
      2,
      { command: ['python3', '/app/manage.py'] },
    ],
    ['Error: Unable to access jarfile /app/web.jar', 1, { args: ['java', '-jar', '/app/web.jar'] }],
    ['Error: Could not find or load main class shop.Web', 1, { command: ['java', 'shop.Web'] }],
    ['npm ERR! Missing script: "start:prod"', 1, { command: ['npm', 'run', 'start:prod'] }],
    ['ERROR:    Error loading ASGI app. Could not import module "main".', 1, { command: ['uvicorn', 'main:app'] }],
    ['sh: 1: Syntax error: Unterminated quoted string', 2, shell("echo 'hi")],
  ])('%s', (line, code, spec) => {
    expect(causeOf(`${line}\n`, code, spec)).toBe('bad-command');
  });
});

describe('stays modest', () => {
  test.each([
    'listening on :8080\nserved 14 requests\n',
    'WARN cache is cold\nINFO connection refused once, connected at the second try\nINFO serving\n',
    'level=info msg="flag --foo is set"\n',
    'starting\n',
  ])('about %j', (log) => {
    expect(firstVerdict(log, 1)?.confidence).toBe('possible');
  });
});
