import type { Signature } from '@/lib/diagnosis/match-log';

/**
 * What is wrong. `value`: a setting with a value that it cannot have. `number`, `address`: a value that is not even of that kind.
 * `conflict`: settings that exclude each other. `scheme`: plain text against TLS. `loop`: DNS forwarded to itself. `absent`:
 * a database that was never made. `proxy`: the proxy that it is told to go through does not exist. `loose`: the program calls its configuration wrong and says no more.
 */
export type Meaning = 'value' | 'number' | 'address' | 'conflict' | 'scheme' | 'loop' | 'absent' | 'proxy' | 'loose';

const OTHERS =
  /x509|certificate|password|credential|\btoken\b|probe failed|CONFIG FILE ERROR|\bimage\b|permission denied|access denied|address already|authenticat|memory address|invalid (?:pointer|argument\.?$)|No such file|ENOENT|connection refused|webhook|request body|checksum|magic|UTF-?8|unmarshal|header field|api[ _-]?key/i;
const Q = '["\'`‘“\\[(<]{0,2}';
const NAME = '(-{0,2}[A-Za-z][\\w.-]{1,80})';
const VALUE = '["\'`‘“\\[]([^"\'`’”\\]\\n]{1,120})["\'`’”\\]]';
const re = (source: string, flags = ''): RegExp => new RegExp(source, flags);

/** Groups hold names and values of settings, in any order. */
export const SIGNATURES: readonly Signature<Meaning>[] = [
  {
    pattern:
      /proxyconnect \w{2,5}: .{0,60}?lookup ([\w.-]{1,253})\b.{0,80}(?:no such host|server misbehaving)|resolve proxy:? ([\w.-]{1,253})/,
    meaning: 'proxy',
  },
  {
    pattern:
      /No enum constant ([\w.$]{1,120})|Requested value '([^']{1,80})' was not found|'([^'\n]{1,80})' is not a valid [A-Z]\w{1,60}\b/,
    meaning: 'value',
  },
  {
    pattern:
      /InvalidReplicationFactor|larger than available brokers|(?:is|are) (?:larger|greater|higher|smaller|less|lower|more) than (?:the )?(?:maximum|max|minimum|min|allowed|configured)\b/,
    meaning: 'loose',
    except: /memory usage|disk|quota|message|request|payload|age\b|latency|lag\b/i,
  },
  {
    pattern: /more than twice, loop detected|[Ff]orwarding loop detected|Loop \(\S{1,80} -> \S{1,80}\) detected/,
    meaning: 'loop',
  },
  { pattern: /host not found in resolver|no resolver defined to resolve/, meaning: 'value' },
  { pattern: re(`invalid value for parameter ${VALUE}: ${VALUE}`), meaning: 'value' },
  {
    pattern:
      /parameter "([^"]{1,80})" (?:requires|cannot be)|([\w.]{1,80}) must be (?:less|greater|smaller|larger|lower|higher) than [\w.]{1,80}|is outside the valid range for parameter "([^"]{1,80})"/,
    meaning: 'value',
  },
  { pattern: re(`[Ii]nvalid (?:argument|value|option) ${VALUE} for ${Q}${NAME}`), meaning: 'value' },
  {
    pattern: re(
      `[Ii]nvalid (?:value|setting|entry|choice|input)(?: given| provided| specified| found| set)? (?:for|of|in) (?:the )?(?:environment variable |env var |(?:\\w{1,30} )?named |field |option |flag |setting |parameter |property |key |variable |configuration |config )?${Q}${NAME}${Q}`,
    ),
    meaning: 'value',
    except: OTHERS,
  },
  { pattern: re(`argument ${NAME}(?:\\/-\\w)?: invalid \\w{1,30} value: ${VALUE}`), meaning: 'value' },
  {
    pattern: re(
      `Invalid value ${Q}([^\\s"'\`]{1,100})${Q} for (?:configuration|setting|property|option|parameter|key|field|enum) ${Q}${NAME}`,
    ),
    meaning: 'value',
  },
  { pattern: re(`Failed to bind properties under '([\\w.\\-\\[\\]]{1,120})'`), meaning: 'value' },
  {
    pattern: re(`Failed to (?:convert|parse) (?:value|property)[^\\n]{0,60}?${VALUE}`),
    meaning: 'value',
    except: OTHERS,
  },
  {
    pattern:
      /Field error in object '[^']{1,80}' on field '([\w.]{1,80})'|Field validation for '(\w{1,80})' failed on the '\w{1,40}' tag/,
    meaning: 'value',
  },
  {
    pattern: re(
      `(?:[Ee]rror|[Ff]ailed|[Cc]ould not|[Uu]nable|[Cc]annot) (?:to |while )?(?:set|setting|parse|parsing|convert|converting|apply|applying|interpret) (?:the )?(?:value|option|setting|property|parameter|field) ${Q}([^\\s"'\`]{1,100})${Q}(?: (?:to|of|for|as) ${Q}${NAME})?`,
    ),
    meaning: 'value',
    except: OTHERS,
  },
  {
    pattern: re(
      `unknown setting ${VALUE}|unknown variable '([^']{1,100})'|unrecognized configuration parameter ${VALUE}`,
    ),
    meaning: 'value',
  },
  {
    pattern:
      /argument(?:\(s\))? must be one of the following|argument couldn't be parsed into an integer|argument must be (?:a|between|'yes')/,
    meaning: 'value',
  },
  { pattern: /unrecognized feature gate: (\w{1,80})|cannot set feature gate (\w{1,80})/, meaning: 'value' },
  {
    pattern:
      /advertised\.listeners cannot use|references \w{1,40} "[^"]{1,80}" which is not configured|Error creating broker listeners|DB index is out of range|configuration value mismatch|default discovery settings are unsuitable|requirement failed: /,
    meaning: 'value',
  },
  {
    pattern: re(
      `not a valid (?:logrus )?[Ll]evel:? ?${Q}([\\w-]{0,40})|(?:unrecognized|unknown|invalid|unsupported|bad) (?:log(?:ging)?[ _-]?)?level:? ?${Q}([\\w-]{0,40})`,
      'i',
    ),
    meaning: 'value',
  },
  {
    pattern: re(
      `(?:unknown|invalid|bad) time ?zone:?(?: name)? ?${Q}([\\w/+-]{0,60})|server time zone value '([^']{1,60})'|Unknown time-zone ID: ([\\w/]{1,60})|No time zone found with key ([\\w/]{1,60})|ZoneInfoNotFoundError`,
      'i',
    ),
    meaning: 'value',
  },
  {
    pattern: re(
      `strconv\\.(?:Parse\\w{1,10}|Atoi): parsing \\\\?"([^"\\\\]{0,100})\\\\?": (?:invalid syntax|value out of range)`,
    ),
    meaning: 'number',
  },
  {
    pattern: re(
      `time: (?:invalid duration|unknown unit|missing unit in duration)[^"\\n]{0,40}\\\\?"?([^"\\\\\\n]{0,60})`,
    ),
    meaning: 'number',
  },
  {
    pattern:
      /invalid literal for int\(\) with base \d{1,2}: '([^']{0,100})'|could not convert string to float: '([^']{0,100})'|NumberFormatException: (?:For input string: )?"([^"]{0,100})"|invalid value for (?:Integer|Float)\(\): "([^"]{0,100})"|[Ii]nput string '?([^'\n]{0,60})'? was not in a correct format|invalid digit found in string|ParseIntError|invalid float literal|provided string was not `?(?:true|false)|not a (?:valid )?(?:boolean|truth value)/,
    meaning: 'number',
  },
  {
    pattern: re(
      `${VALUE} is not (?:a |an )?(?:valid |supported |recognized |known |allowed |legal )?(?:integer|number|boolean|port(?: number)?|duration|URL|URI|url|address|log ?level|value|option|choice|mode|timezone|type|IP|CIDR|hostname|enum|setting|engine|driver|backend|provider|format|version|path|email|profile|octal)\\b`,
    ),
    meaning: 'value',
    except: OTHERS,
  },
  {
    pattern: re(
      `${Q}${NAME}${Q} (?:value |setting |option )?(?:must|has to|should|needs to|can only) be (?:one of|an? (?:valid |positive |non-negative |non-empty |absolute )?(?:integer|number|boolean|URL|url|port|string|list|path|duration|IP|hostname|email|power of)|between|greater|less|at least|at most|positive|larger|smaller|higher|lower|in (?:the )?range|either|non-?negative|>|<|set to)`,
    ),
    meaning: 'value',
    except: OTHERS,
  },
  {
    pattern:
      /\b(?:length|size|key|secret|password|passphrase|token|value|name)\b[^\n]{0,60}\b(?:should|must|has to|needs to) (?:be|have) (?:at least|at most|exactly|no longer than|between) \d{1,6}\b/i,
    meaning: 'value',
  },
  {
    pattern:
      /\bno (?:\w{1,20} ){0,2}(?:setting|option|value|address|hostname|host|URL|domain|filter|endpoint|region|bucket|zone)s? (?:is |was |were |has been )?(?:provided|specified|configured|given|set)\b|\bno -{2}[\w-]{1,60} (?:is |was )?(?:provided|specified|given|set)\b|[Pp]lease (?:configure|choose|specify|select|set) (?:one|exactly one|either|which|only one)\b/,
    meaning: 'loose',
    except: OTHERS,
  },
  {
    pattern:
      /(?:mutually exclusive|cannot be (?:used|set|specified|combined|enabled) (?:together|both|at the same time|with|when|if)|can't be (?:used|set|specified|combined|enabled) (?:together|with|when)|conflicts? with (?:the )?(?:option|flag|setting|argument|parameter|other)|conflicting (?:options?|settings?|config\w{0,10}|flags?|values?|parameters?)|(?:only|exactly|at most|at least) one of [^\n]{1,120}(?:may|can|must|should|is|has|required|allowed)|not both|(?:cannot|can't|must not|may not|can not) (?:set|use|specify|provide|enable|have|define) both|Conflicting collector combinations|Incompatible (?:minimum and maximum|initial and maximum) heap|Initial heap size set to a larger value|can only be (?:used|set|enabled) (?:when|with|if|together)|is (?:only )?(?:not )?(?:allowed|supported|valid) (?:only )?(?:when|with|if|in) |requires? [\w.-]{1,80} to be (?:set|enabled|configured|true|specified))/i,
    meaning: 'conflict',
    except: /probe failed|webhook|request body/,
  },
  {
    pattern:
      /first record does not look like a TLS handshake|server gave HTTP response to HTTPS client|wrong version number|Unsupported or unrecognized SSL message|SSL is not enabled on the server|server does not support SSL|plain HTTP request was sent to HTTPS|client sent an HTTP request to an HTTPS server|EPROTO[^\n]{0,80}packet length too long|record layer failure|InvalidContentType|Not an SSL\/TLS record|SSLException: Unrecognized SSL|plaintext connection/,
    meaning: 'scheme',
    except: /TLS handshake error from|probe failed/,
  },
  {
    pattern:
      /parse \\?"[^"\n]{0,200}\\?": (?:first path segment in URL cannot contain colon|invalid (?:port|character|control character|URL escape|userinfo)|missing protocol scheme|net\/url)|unsupported protocol scheme|no Host in request URL|too many colons in address|missing port in address|address \S{1,200}: (?:missing port|unknown port|invalid port)|unknown (?:port|network) |invalid port ":?[^"\n]{0,60}" after host/,
    meaning: 'address',
    except: /probe failed/,
  },
  {
    pattern:
      /\bERR_INVALID_URL\b|TypeError(?: \[\w{1,40}\])?: Invalid URL|ERR_SOCKET_BAD_PORT|options\.port should be|Port should be|MalformedURLException|URISyntaxException|Illegal character in (?:scheme|authority|path|opaque)|UriFormatException|Invalid URI: |URI::InvalidURIError|bad URI|MissingSchema|No connection adapters were found for|InvalidSchema|RelativeUrlWithoutBase|(?:address|URL|url|host|hostname|port|endpoint) is (?:not valid|invalid|malformed)|invalid port range|invalid socket address syntax|AddrParseError|relative URL without a base|Could not parse (?:SQLAlchemy|rfc1738) URL|Can't load plugin: sqlalchemy\.dialects|[Ii]nvalid (?:connection (?:string|URL|URI)|DSN|dsn|database (?:URL|url))|claims to not accept jdbcUrl|No suitable driver found for|Failed to determine a suitable driver class|in connection info string|invalid DSN: |the URL must start with the protocol|Error validating datasource|Invalid scheme, expected connection string|ConfigurationError: Invalid URI|must start with '?(?:redis|postgres|mysql|mongodb|http|amqp|jdbc)|[Ii]nvalid (?:host|port|address|hostname|listen address|bind address|endpoint|URL|url|CIDR|IP address|URI)\b[ :=]/,
    meaning: 'address',
    except: OTHERS,
  },
  {
    pattern: re(
      `(?:unsupported|unknown|invalid|unrecognized|unrecognised|illegal|bad) (?:value|driver|provider|backend|storage(?: type| engine| driver| backend)?|dialect|mode|protocol|scheme|engine|strategy|profile|adapter|format|cipher|encoding|charset|character set|collation|locale|environment|database (?:type|driver|engine)|(?:cron|schedule) expression|schedule|region|network|role|policy|exporter|receiver|processor|extension|plugin|module|entry ?point|middleware|feature|option|setting|parameter|configuration|config|property|duration|timeout|interval|size|unit|quantity|number|integer|boolean|regex|pattern|glob|template|listener|type)(?: name| value| type| setting| specified| provided| given)?:? ?${Q}([\\w.:/@%+-]{0,100})`,
      'i',
    ),
    meaning: 'loose',
    except: re(
      `${OTHERS.source}|media type|content type|file format|command|directive|JSON|YAML|kind|migration|schema|archive|flag|-{2}\\w|exec format|unknown option`,
      'i',
    ),
  },
  {
    pattern:
      /database "([^"]{1,80})" does not exist|Unknown database '([^']{1,80})'|Cannot open database "([^"]{1,80})"|NoSuchBucket|The specified bucket does not exist|Unknown (?:topic|vhost)|vhost '?([\w/-]{1,60})'? (?:not found|does not exist)|no access to vhost/,
    meaning: 'absent',
  },
  {
    pattern:
      /improper(?:ly)?[ -]?configur|misconfigur|(?:config(?:uration)?|settings?|options?|parameters?|environment) (?:file )?(?:is|are|was) (?:invalid|not valid|wrong|incorrect|inconsistent|incomplete)|(?:invalid|bad|wrong|incorrect|inconsistent|incomplete|illegal) (?:\w{1,30} )?(?:config(?:uration)?|settings?)\b|(?:config(?:uration)?|settings?|options?)(?: file)? (?:validation )?(?:errors?|failed|failure|check failed|problem)|(?:failed|could not|unable|cannot|error) (?:to )?(?:validat\w{1,4}|verify) (?:the )?(?:config|settings?|options?|environment)|config(?:uration)? [^\n]{0,60}(?:failed validation|did not pass)|BindValidationException|ConfigurationException|ConfigException|InvalidConfig|ConfigurationError|ConfigError|OptionsValidationException|BeanCreationException[^\n]{0,200}(?:Invalid|must)|validation errors? for \w{1,60}|ValidationError: |Input should be |ZodError|invalid_type|invalid_enum_value|invalid configuration/i,
    meaning: 'loose',
    except: re(
      `${OTHERS.source}|Fatal configuration error; unable to start|[Ff]ield required|value_error\\.missing`,
      'i',
    ),
  },
];
