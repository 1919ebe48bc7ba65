import { describe, expect, test } from 'vitest';
import { firstVerdict } from './lines-fixture';

/** What programs print at their end when their configuration cannot be read or holds a wrong value, by the cause it means. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  'config-syntax': [
    'nginx: [emerg] unexpected "}" in /etc/nginx/nginx.conf:31',
    'nginx: [emerg] unknown directive "proxy_pas" in /etc/nginx/conf.d/default.conf:8',
    'nginx: [emerg] "server" directive is not allowed here in /etc/nginx/conf.d/default.conf:1',
    "[ALERT]    (1) : config : parsing [/usr/local/etc/haproxy/haproxy.cfg:12] : unknown keyword 'blance' in 'backend' section",
    'AH00526: Syntax error on line 12 of /usr/local/apache2/conf/httpd.conf:',
    'ts=2026-03-01T11:58:59Z caller=main.go:468 level=error msg="Error loading config (--config.file=/etc/prometheus/prometheus.yml)" file=/etc/prometheus/prometheus.yml err="parsing YAML file /etc/prometheus/prometheus.yml: yaml: unmarshal errors:\\n  line 9: field scrape_config not found in type config.plain"',
    'failed parsing config: /etc/loki/local-config.yaml: yaml: unmarshal errors: line 3: field ingestor not found in type loki.ConfigWrapper',
    "Error: failed to get config: cannot unmarshal the configuration: decoding failed due to the following error(s): '' has invalid keys: exporter",
    "plugin/forward: /etc/coredns/Corefile:3 - Error during parsing: Unknown directive 'forwrd'",
    "panic: While parsing config: invalid character 'g' looking for beginning of value",
    'yaml.scanner.ScannerError: mapping values are not allowed here\n  in "/etc/web/config.yaml", line 3, column 9',
    'YAMLException: bad indentation of a mapping entry (4:12)',
    "org.yaml.snakeyaml.scanner.ScannerException: while scanning for the next token\nfound character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for indentation)",
    '(/app/config/database.yml): did not find expected key while parsing a block mapping at line 2 column 3 (Psych::SyntaxError)',
    'json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: line 4 column 1 (char 40)',
    'fatal error: unexpected end of JSON input',
    'Error: TOML parse error at line 5, column 8',
    'toml: line 3: expected value but found "\\n" instead',
    'configparser.MissingSectionHeaderError: File contains no section headers.',
    'config error file="/fluentd/etc/fluent.conf" error_class=Fluent::ConfigParseError error="expected end of line at fluent.conf line 12,3"',
    "com.typesafe.config.ConfigException$Parse: /conf/application.conf: 12: Expecting end of input or a comma, got ':'",
    'org.xml.sax.SAXParseException; lineNumber: 12; columnNumber: 3; The element type "appender" must be terminated by the matching end-tag "</appender>".',
    'System.FormatException: Could not parse the JSON file appsettings.json. System.Text.Json.JsonReaderException: The JSON object contains a trailing comma at the end',
    'mysqld: [ERROR] Found option without preceding group in config file /etc/mysql/conf.d/my.cnf at line 1.',
    'Error parsing config file /consul/config/server.json: At 3:12: invalid character',
    'squid: FATAL: Bungled /etc/squid/squid.conf line 12: http_acces allow all',
    "/etc/bind/named.conf:12: missing ';' before '}'",
    '/etc/ssh/sshd_config: line 12: Bad configuration option: PermitRotLogin',
    "thread 'main' panicked at src/config.rs:9:10:\nfailed to parse config.toml: TOML parse error at line 2, column 1",
    'Error: Unknown configuration variable "listner".',
    "error initializing configuration '/etc/envoy/envoy.yaml': Protobuf message (type envoy.config.bootstrap.v3.Bootstrap reason INVALID_ARGUMENT: unknown fields)",
    'level=error msg="Loading configuration file failed" file=/etc/alertmanager/config.yml err="yaml: line 12: did not find expected key"',
    'FATAL:  configuration file "/etc/postgresql/postgresql.conf" contains errors',
    'nats-server: /etc/nats-config/nats.conf: Parse error on line 5: \'Expected a map value terminator "," or a map terminator "}"\'',
    'Error: Conf file attempted to set unknown variable: listeners.tcp.defalt',
    "nats-server: variable reference for 'sys' on line 14 can not be found",
  ],
  'setting-invalid': [
    'LOG:  invalid value for parameter "max_connections": "many"',
    'invalid argument "abc" for "--port" flag: strconv.ParseInt: parsing "abc": invalid syntax',
    'panic: strconv.Atoi: parsing "8080 ": invalid syntax',
    "ValueError: invalid literal for int() with base 10: 'eighty'",
    'Exception in thread "main" java.lang.NumberFormatException: For input string: "5s"\n\tat java.base/java.lang.Integer.parseInt(Integer.java:652)',
    'TypeError [ERR_INVALID_URL]: Invalid URL',
    'RangeError [ERR_SOCKET_BAD_PORT]: options.port should be >= 0 and < 65536. Received type number (NaN).',
    'Get "localhost:8080/health": unsupported protocol scheme "localhost"',
    'dial tcp: address redis: missing port in address',
    "sqlalchemy.exc.ArgumentError: Could not parse SQLAlchemy URL from string 'orders-db'",
    'Failed to configure a DataSource: Failed to determine a suitable driver class',
    'time: missing unit in duration "30"',
    'Error: invalid log level "loud"',
    'java.lang.IllegalArgumentException: requirement failed: advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.',
    'org.apache.kafka.common.config.ConfigException: Invalid value abc for configuration log.retention.hours: Not a number of type INT',
    'java.lang.IllegalArgumentException: unknown setting [discovery.zen.foo] please check that any required plugins are installed',
    'Error: storage.tsdb.retention.time and storage.agent.path are mutually exclusive',
    'django.core.exceptions.ImproperlyConfigured: The SITE_URL setting is wrong',
    "pydantic_core._pydantic_core.ValidationError: 1 validation error for Settings\nport\n  Input should be a valid integer, unable to parse string as an integer [type=int_parsing, input_value='eighty', input_type=str]",
    "zoneinfo._common.ZoneInfoNotFoundError: 'No time zone found with key Europe/Berln'",
    'FATAL:  database "orders" does not exist',
    "ERROR 1049 (42000): Unknown database 'orders'",
    'error: http: server gave HTTP response to HTTPS client',
    'pq: SSL is not enabled on the server',
    'argument must be one of the following: volatile-lru -> allkeys-lru -> noeviction',
    'Error occurred during initialization of VM\nInitial heap size set to a larger value than the maximum heap size',
    'nginx: [emerg] host not found in resolver "kube-dns.kube-system" in /etc/nginx/nginx.conf:14',
    "web: error: argument --workers: invalid int value: 'four'",
    "Error: Invalid value for '--port': '80a' is not a valid integer.",
    'redis.exceptions.ConnectionError: Redis URL must specify one of the following schemes (redis://, rediss://, unix://); invalid url: orders',
    'invalid configuration: replication factor must be at most 3',
    "Microsoft.Extensions.Options.OptionsValidationException: DataAnnotation validation failed for 'MailOptions' members: 'Port' with the error: 'The field Port must be between 1 and 65535.'.",
    "Key: 'Config.Port' Error:Field validation for 'Port' failed on the 'max' tag",
    'ArgumentError: invalid value for Integer(): "3000a"',
    "thread 'main' panicked at src/main.rs:7:52:\ncalled `Result::unwrap()` on an `Err` value: ParseIntError { kind: InvalidDigit }",
    '** (ArgumentError) errors were found at the given arguments: invalid port "abc"',
    "[ERROR] [MY-000077] [Server] /usr/sbin/mysqld: Error while setting value 'STRICT_ALL' to 'sql_mode'.",
    'Error parsing option "wiredTigerCacheSizeGB" as int: Bad digit "1" while parsing 1.5Gi',
    '*** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***\nReading the configuration file, at line 2\n>>> \'maxmemory-policy "evict-oldest"\'\nargument(s) must be one of the following: volatile-lru, volatile-lfu',
    'java.lang.IllegalArgumentException: No enum constant shop.Mode.FASTT\n\tat java.base/java.lang.Enum.valueOf(Enum.java:273)',
    "ValueError: 'verbose' is not a valid LogLevel",
    'Error: Kafka replication factor: 3 larger than available brokers: 1.',
  ],
};

describe.each(Object.entries(LINES))('%s', (cause, lines) => {
  test.each(lines)('%s', (line) => {
    expect(firstVerdict(`starting\nloading settings\n${line}\n`, 1)?.cause).toBe(cause);
  });
});

describe('another cause, although it speaks of a value', () => {
  test.each([
    ['panic: runtime error: invalid memory address or nil pointer dereference', 'setting-invalid'],
    ['x509: certificate is not valid for any names, but wanted to match db', 'setting-invalid'],
    ['FATAL: password authentication failed for user "app"', 'setting-invalid'],
    ['ERROR: syntax error at or near "SELCT" at character 1', 'config-syntax'],
    [
      "/app/index.js:3\nconst = 4\n      ^\nSyntaxError: Unexpected token '='\n    at wrapSafe (node:internal/modules/cjs/loader:1378:20)",
      'config-syntax',
    ],
    ['  File "/app/main.py", line 3\n    def f(\n         ^\nSyntaxError: invalid syntax', 'config-syntax'],
    ['mmap failed: invalid argument', 'setting-invalid'],
    ['Error: DATABASE_URL is required', 'setting-invalid'],
  ])('%s', (line, cause) => {
    expect(firstVerdict(`starting\n${line}\n`, 1)?.cause).not.toBe(cause);
  });
});
