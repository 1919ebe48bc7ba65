import type { Signature } from '@/lib/diagnosis/match-log';

/** Which parser speaks. `isData`: the same text comes from any data of that format, so something must tie it to a file. */
export interface Meaning {
  readonly format: string;
  readonly isData?: true;
}

const NOT_CONFIG =
  /probe failed|migration|\bSQL\b|at or near|(?:response|request) body|decoding response|HTTP|https?:\/\/|webhook|message from|topic|payload|GraphQL|query|<!DOCTYPE|Unexpected token '?</i;
/** Redis says so of every line it refuses, whatever is wrong with it. */
const NOT_READ = new RegExp(`${NOT_CONFIG.source}|Reading the configuration file, at line`, 'i');
const data = (format: string): Meaning => ({ format, isData: true });

/** Texts of parsers, most telling first. */
export const SIGNATURES: readonly Signature<Meaning>[] = [
  {
    pattern:
      /directive "[^"]{0,120}" is not terminated by|unexpected (?:"[;{}]"|end of file, expecting)[^\n]{0,40} in \/|unknown directive "[^"]{1,200}"|"[^"]{1,80}" directive is (?:not allowed here|duplicate)|invalid number of arguments in "[^"]{1,80}"|unexpected end of parameter|unknown "\w{1,60}" variable|duplicate (?:location|listen options|upstream|default server)/,
    meaning: { format: 'nginx configuration' },
  },
  {
    pattern:
      /\[ALERT\][^\n]{0,80}(?:parsing \[[^\]]{1,200}:\d{1,6}\]|[Ee]rror\(s\) found in configuration file)|unknown keyword '[^']{1,80}' (?:in|out of)/,
    meaning: { format: 'HAProxy configuration' },
  },
  {
    pattern:
      /AH00526: Syntax error on line|Invalid command '[^']{1,120}', perhaps misspelled|AH00014: Configuration check failed/,
    meaning: { format: 'Apache configuration' },
  },
  {
    pattern: /Bad directive or wrong number of arguments|Unbalanced quotes in configuration line/,
    meaning: { format: 'Redis configuration' },
  },
  {
    pattern:
      /syntax error in file "[^"]{1,300}" line \d|configuration file "[^"]{1,300}" contains errors|unrecognized configuration parameter "[^"]{1,120}"|invalid line in (?:configuration|pg_hba)|invalid connection type "[^"]{1,80}"/,
    meaning: { format: 'PostgreSQL configuration' },
  },
  {
    pattern:
      /Found option without preceding group in config file|unknown variable '[^']{1,120}'|Fatal error in defaults handling/,
    meaning: { format: 'MySQL configuration' },
  },
  {
    pattern:
      /Corefile:\d{1,6} - Error during parsing|Error during parsing: Unknown directive|Caddyfile:\d{1,6}|adapting config using caddyfile|unrecognized directive: /,
    meaning: { format: 'Caddyfile or Corefile' },
  },
  {
    pattern:
      /Fluent::Config(?:Parse)?Error|config error file=|\[config\] (?:error|[^\n]{0,80}(?:error in|undefined|unknown))|error in \S{1,200}:\d{1,6}: (?:undefined|unexpected|invalid)|Expected one of \[[^\n]{1,120}at line \d|failed to fetch pipelines configuration|LogStash::ConfigurationError/,
    meaning: { format: 'log pipeline configuration' },
  },
  {
    pattern:
      /Protobuf message \(type [^\n]{1,120}(?:has unknown fields|INVALID_ARGUMENT)|Unable to parse JSON as proto|Unable to convert YAML as JSON|error initializing configuration '[^']{1,300}'/,
    meaning: { format: 'Envoy configuration' },
  },
  {
    pattern:
      /(?:has|contains) invalid keys: |cannot unmarshal the configuration|failed to (?:get|unmarshal|parse|read|load|decode) (?:the )?(?:\w{1,30} )?config(?:uration)?\b[^\n]{0,200}(?:invalid keys|unmarshal|yaml|json|toml|line \d|unknown (?:field|key)|did not find)/i,
    meaning: { format: 'configuration' },
  },
  {
    pattern:
      /field \S{1,120} not found in (?:type|struct)|json: unknown field "[^"]{1,120}"|unknown field [`"'][^`"'\n]{1,120}|strict decoding error|undecoded keys|unknown (?:configuration )?(?:key|keys|property|properties|section|attribute)s?:? ?(?:in|found|['"`[])|[Uu]nrecognized (?:field|property|key|configuration)|Unknown configuration (?:variable|option|key|setting)|Additional properties? (?:\S{1,120} )?(?:is|are) not allowed|undefined but requested (?:input|output|processor|aggregator)|variable reference for '[^']{1,120}'|[Uu]nexpected key ["'`]|Bad configuration option|Bungled \S{1,200} line \d|attempted to set unknown variable|Invalid (?:config|configuration) (?:key|property|section)|unknown option '[^']{1,120}'$/,
    meaning: { format: 'configuration' },
    except: /probe failed|command[- ]line/i,
  },
  {
    pattern:
      /(?:error converting YAML to JSON|yaml: (?:line \d{1,7}:|unmarshal errors?|control characters|invalid|mapping|unknown anchor|did not|found|input error|document)|did not find expected|could not find expected|mapping values are not allowed|found character (?:that|'\\t')[^\n]{0,40}cannot start any token|found unexpected|found undefined (?:tag|alias)|bad indentation of a|duplicated mapping key|Duplicate key:|duplicate key found|end of the stream or a document separator is expected|block (?:sequence|mapping) entr|can not read (?:a block|an implicit)|unidentified alias|(?:yaml\.)?(?:scanner\.Scanner|parser\.Parser|composer\.Composer|reader\.Reader|constructor\.Constructor)Error|YAMLException|YamlException|YAMLParseException|YAMLSyntaxError|YAMLSemanticError|Psych::(?:SyntaxError|DisallowedClass|BadAlias)|snakeyaml|cannot unmarshal !!\w{1,20}|invalid type: \w{1,20} [^\n]{0,80}expected[^\n]{0,80}at line \d|mapping key "[^"]{1,100}" already defined|Failed to (?:parse|load) YAML|DuplicateKeyException|invalid YAML|:yamerl|yamerl_)/,
    meaning: { format: 'YAML' },
    except: /probe failed/,
  },
  {
    pattern:
      /toml: (?:line|cannot|invalid|expected|table|key|incomplete|unmarshal)|TOML parse error|TomlDecodeError|TOMLDecodeError|Near line \d{1,6} \(last key parsed|(?:parse|decode|pars)\w{0,4} (?:error[^\n]{0,20})?toml|toml[^\n]{0,60}(?:parse error|expected an equals|duplicate key|invalid)|TomlError|TomlParseError|\(\d{1,6}, \d{1,6}\): (?:unexpected|parsing error|was expecting)/i,
    meaning: { format: 'TOML' },
  },
  {
    pattern:
      /MissingSectionHeaderError|File contains no section headers|Source contains parsing errors|DuplicateOptionError|DuplicateSectionError|InterpolationSyntaxError|InterpolationMissingOptionError|ParsingError: |key-value delimiter not found|unclosed section|PHP: {1,2}syntax error, unexpected|syntax error, unexpected [^\n]{1,60} in \S{1,200}\.(?:ini|conf)/,
    meaning: { format: 'INI file' },
  },
  {
    pattern:
      /(?:Error (?:parsing|decoding)|error parsing|failed to parse|Error in) [^\n]{0,200}(?:\.hcl|\.tf|HCL)|At \d{1,6}:\d{1,6}: |(?:Unclosed configuration block|Invalid block definition|Argument or block definition required|Unsupported (?:argument|block type))|object expected closing RBRACE/,
    meaning: { format: 'HCL' },
  },
  {
    pattern:
      /ConfigException\$(?:Parse|UnresolvedSubstitution|WrongType|BadValue)|com\.typesafe\.config\.ConfigException/,
    meaning: { format: 'HOCON' },
  },
  {
    pattern:
      /SAXParseException|XML document structures must start and end|must be terminated by the matching end-tag|not well-formed|mismatched tag|(?:Error|error) (?:on|at) line \d{1,6} of document|Content is not allowed in prolog|Opening and ending tag mismatch|Start tag expected|XMLSyntaxError|XMLStreamException|cvc-complex-type|XmlException|xml: (?:unsupported|syntax)|XML syntax error|entity must be declared/,
    meaning: { format: 'XML' },
    except: NOT_CONFIG,
  },
  {
    pattern:
      /(?:parse|parsing|read|reading|load|loading|decode|decoding|unmarshal\w{0,4}|invalid|malformed|bad|broken|error in|errors in|problem with)\b[^\n]{0,60}(?:config(?:uration)?|settings?)(?: file)?\b[^\n]{0,200}(?:invalid character|unexpected|syntax|expected|line \d|EOF|malformed|unmarshal)/i,
    meaning: { format: 'configuration' },
    except: NOT_READ,
  },
  {
    pattern:
      /(?:syntax|parse|parsing|lexical|grammar) errors?\b[^\n]{0,80}(?:config(?:uration)?|settings?|\.(?:conf|cfg|cnf|ini|ya?ml|json|toml|properties|xml|rules|hcl|vcl|cf|cnf))\b|(?:config(?:uration)?|settings?)(?: file)?\b[^\n]{0,120}(?:syntax|parse|parsing) errors?|\/[\w./-]{1,200}:\d{1,6}(?::\d{1,6})?: (?:syntax error|parse error|missing ';'|unknown option|unexpected token|expected|unterminated|unknown directive|unknown keyword)|VCL compilation failed|Parse error on line \d|line \d{1,6}:? (?:syntax error|parse error|unexpected|unknown (?:option|keyword|directive|command))|terminating, \d{1,4} bad configuration options/i,
    meaning: { format: 'configuration' },
    except: /SQL|at or near|\.(?:py|js|rb|php|sh|ts|pl|ex)\b|shell|bash|\bsh:|node:internal/i,
  },
  {
    pattern:
      /(?:could not|couldn't|cannot|can't|unable to|failed to|failure to|error while) (?:parse|decode|deserialize|unmarshal|interpret)(?:ing)? [^\n]{0,160}(?:config(?:uration)?|settings?|\.(?:conf|cfg|cnf|ini|ya?ml|json|toml|properties|xml|rules))\b/i,
    meaning: { format: 'configuration' },
    except: NOT_CONFIG,
  },
  {
    pattern:
      /Unexpected (?:token|end of JSON|string|number|non-whitespace character|identifier) [^\n]{0,80}JSON|Unexpected end of JSON input|in JSON at position \d|Expected (?:',' or|property name|double-quoted)[^\n]{0,60}JSON|Bad control character in string literal|JSONDecodeError|(?:json\.decoder|simplejson)|Expecting (?:value|property name|',' delimiter|':' delimiter)|Extra data: line \d|JSON::ParserError|JsonParseException|JsonMappingException|MalformedJsonException|JsonSyntaxException|JsonReaderException|System\.Text\.Json|JsonException|invalid character '[^'\n]{1,8}'? (?:looking for|after|in (?:string|literal|numeric)|exponent)|unexpected end of JSON input|json: cannot unmarshal|invalid JSON|JSON parse error|(?:expected|invalid) [^\n]{1,80} at line \d{1,6} column \d{1,6}|EOF while parsing|trailing (?:comma|characters) at line|Jason\.DecodeError|Poison\.(?:Syntax|Parse)Error|JSON_ERROR|JsonException: Syntax error/,
    meaning: data('JSON'),
    except: NOT_CONFIG,
  },
  {
    pattern: /missing field [`'"][\w.-]{1,80}[`'"][^\n]{0,40}(?:at line|for key|in)/,
    meaning: data('configuration'),
    except: NOT_CONFIG,
  },
  {
    pattern:
      /Malformed \\uxxxx encoding|MalformedInputException|unterminated (?:quoted string|string literal) at|invalid byte sequence|(?:yaml|toml|json|config|file|pars|decod|read)[^\n]{0,120}invalid UTF-?8|invalid UTF-?8[^\n:]{0,60} (?:in|at) |unexpected UTF-?8 BOM|UnicodeDecodeError/i,
    meaning: data('text'),
  },
];
