import type { Signature } from '@/lib/diagnosis/match-log';

/** `rejected`: the other side said no. `absent`: none was sent. `malformed`: it cannot be used as it is. `key`: data was encrypted with another. */
export type Meaning = 'rejected' | 'absent' | 'malformed' | 'key' | 'loose';

/** Talk of other parties: requests that a server turns away, image pulls, certificates, probes. */
const OTHERS =
  /\bimage\b|\bpull|registry|x509|certificate|TLS handshake|SSLHandshake|probe failed|GET \/|POST \/|client \d{1,3}\.\d|remote_addr|not supported between|anonymous/i;

/** The first group names the user, where the text does. */
export const SIGNATURES: readonly Signature<Meaning>[] = [
  { pattern: /password authentication failed for user \\?"?([^"\s\\]{1,80})/, meaning: 'rejected' },
  { pattern: /[Aa]ccess denied for user:? '?([^'@\s]{0,80})'?@/, meaning: 'rejected' },
  { pattern: /[Ll]ogin failed for (?:user|login) '?([^'\s.]{0,80})/, meaning: 'rejected' },
  { pattern: /role \\?"([^"\\]{1,80})\\?" (?:does not exist|is not permitted to log in)/, meaning: 'rejected' },
  { pattern: /no pg_hba\.conf entry for (?:host|replication)[^\n]{0,80}?user "([^"]{1,80})"/, meaning: 'rejected' },
  { pattern: /ORA-(?:01017|01005|28000|28001|28009)\b/, meaning: 'rejected' },
  { pattern: /(?:ACCESS_REFUSED|access_refused)\b/, meaning: 'rejected' },
  { pattern: /WRONGPASS|ERR invalid password|ERR AUTH failed/, meaning: 'rejected' },
  {
    pattern:
      /NOAUTH Authentication required|ERR (?:Client sent AUTH|AUTH <password> called)|NOPERM this user has no permissions/,
    meaning: 'absent',
  },
  { pattern: /fe_sendauth: no password supplied|empty password returned by client/, meaning: 'absent' },
  {
    pattern:
      /client password must be a string|The server requested (?:password|SCRAM)[^\n]{0,60}no password was provided/,
    meaning: 'absent',
  },
  {
    pattern:
      /ER_NOT_SUPPORTED_AUTH_MODE|Authentication plugin '[^']{1,60}' cannot be loaded|LoginException\b|Client not found in Kerberos|CLIENT_NOT_FOUND|GSSException|Cannot (?:find|get) key of appropriate type|SaslAuthenticationException|SASL(?:\(-\d{1,2}\))?[: ][^\n]{0,40}(?:authentication failed|authentication error|failure)|SASL handshake failed/i,
    meaning: 'rejected',
  },
  { pattern: /Authentication failed due to invalid credentials|SCRAM authentication failed/i, meaning: 'rejected' },
  {
    pattern:
      /(?:unable|failed) to authenticate user \[([^\]]{1,80})\]|missing authentication credentials for REST request/,
    meaning: 'rejected',
  },
  {
    pattern: /LDAP[^\n]{0,40}(?:error code|Result Code) 49\b|(?:AcceptSecurityContext error, data 5\w\w)/i,
    meaning: 'rejected',
  },
  { pattern: /\b535[ -]5\.7\.\d{1,2}\b|Username and Password not accepted|Invalid login: 53\d/, meaning: 'rejected' },
  {
    pattern:
      /InvalidClientTokenId|SignatureDoesNotMatch|InvalidAccessKeyId|UnrecognizedClientException|AuthFailure:|InvalidSignatureException/,
    meaning: 'rejected',
  },
  {
    pattern: /security token included in the request is (?:invalid|expired)|ExpiredToken(?:Exception)?\b/,
    meaning: 'rejected',
  },
  {
    pattern:
      /NoCredentialProviders|NoCredentialsError|Unable to locate credentials|Unable to load (?:AWS )?credentials|failed to (?:refresh cached|retrieve) credentials|no EC2 IMDS role found|get credentials failed|static credentials are empty/i,
    meaning: 'absent',
    except: /AccessDenied|not authorized/i,
  },
  {
    pattern:
      /could not find default credentials|[Dd]efault [Cc]redentials (?:were|was|could) not (?:be )?(?:found|determined|load)|Could not load the default credentials|DefaultAzureCredential failed|CredentialUnavailable/,
    meaning: 'absent',
  },
  { pattern: /AADSTS\d{4,8}|ClientSecretCredential authentication failed/, meaning: 'rejected' },
  {
    pattern: /\b(?:invalid_grant|invalid_client|unauthorized_client|invalid_auth|not_authed|token_revoked)\b/,
    meaning: 'rejected',
  },
  {
    pattern:
      /invalid (?:HTTP )?header (?:field )?value|Invalid character in header content|Invalid (?:leading whitespace, reserved character|header value)|InvalidHeader\b|illegal (?:character in )?header|failed to parse header value|Invalid header value char/i,
    meaning: 'malformed',
  },
  {
    pattern:
      /illegal base64 data|Incorrect padding|Invalid base64|base64[^\n]{0,30}(?:invalid|incorrect|decode error)|Illegal base64 character|not (?:a )?valid base64|Input byte array has/i,
    meaning: 'malformed',
  },
  {
    pattern:
      /invalid key size \d|[Ii]nvalid (?:\w{1,30} )?private key|private key[^\n]{0,40}(?:is (?:invalid|malformed)|must be)|secretOrPrivateKey must|Invalid key length|key (?:length )?must be (?:exactly )?\d{1,3}[^\n]{0,40}(?:bytes|characters|bits)|Fernet key must be|[Ii]ncorrect key length|Invalid AES key length|(?:secret|key)[^\n]{0,30} (?:is )?too (?:short|long|weak)|must be at least \d{1,3} (?:bytes|characters|bits)[^\n]{0,30}(?:secret|key)/,
    meaning: 'malformed',
  },
  {
    pattern:
      /(?:secret|key|token|password|salt)\w{0,20}["'`]? (?:is |was |value )?(?:too (?:short|long|weak)|not long enough)|(?:secret|key|token|password|salt)\w{0,20}["'`]?:? must be (?:at least|exactly) \d/i,
    meaning: 'malformed',
    except: /\bprimary key|foreign key|index|partition|routing/i,
  },
  {
    pattern:
      /(?:[Kk]eystore|[Tt]ruststore)[^\n]{0,60}password (?:was|is) incorrect|keystore password was incorrect|mac verify failure|PKCS12 password|Cannot recover key|UnrecoverableKeyException|Given final block not properly padded|bad decrypt|incorrect password for/i,
    meaning: 'rejected',
  },
  {
    pattern:
      /[Mm]ismatching encryption keys|encryption key[^\n]{0,60}(?:does not match|mismatch|differs|is different|has changed|is (?:wrong|incorrect|invalid))|MessageEncryptor::InvalidMessage|MessageVerifier::InvalidSignature|Couldn't decrypt|InvalidToken\b|The MAC is invalid|message authentication failed|failed to decrypt|[Dd]ecryption failed|could not decrypt|unable to decrypt|AEADBadTagException|InvalidCiphertext|Unsupported state or unable to authenticate data/,
    meaning: 'key',
    except: /TLS|session ticket|cookie/i,
  },
  {
    pattern:
      /(?:Authentication failed for 'https?:|could not read (?:Username|Password) for|Permission denied \((?:publickey|password|keyboard-interactive)|unable to authenticate, attempted methods|ssh: handshake failed: ssh: unable to auth)/,
    meaning: 'rejected',
  },
  {
    pattern:
      /\b(?:Bad credentials|Invalid API key|API key not valid|Incorrect API key|Improper token|An invalid token was provided|invalid bot token|Invalid (?:authentication|access|auth|bearer) token|bad username or password|Authorization Violation|licen[cs]e(?: key| file)? (?:is |has )?(?:invalid|expired|not valid)|invalid licen[cs]e|Ran out of valid credentials|logon failure|Unknown user name or bad password|user ?(?:name)? ?(?:or|and|\/) ?password (?:is |are |was |were )?(?:not (?:allowed|valid|correct|recognized|accepted)|invalid|incorrect|wrong))\b/i,
    meaning: 'rejected',
    except: OTHERS,
  },
  {
    pattern:
      /(?:[Ii]nvalid|[Ii]ncorrect|[Ww]rong|[Bb]ad|[Rr]ejected|[Uu]nrecognized|[Ee]xpired|[Mm]alformed) (?:or (?:expired|missing) )?(?:user ?name(?:,? ?(?:or|and|\/|-) ?password)?|username\/password|[Pp]assword|passphrase|[Cc]redentials?|(?:[Aa][Pp][Ii]|access|auth|authentication|authorization|secret|bot|bearer|account|license|service|client|root|vault|admin|join|cluster|registration|personal|oauth)[ _-]?(?:access[ _-]?)?(?:[Kk]ey|[Tt]oken|[Ss]ecret|id or secret)|[Tt]oken|[Ll]ogin|secret id)\b/,
    meaning: 'loose',
    except:
      /token '|[Uu]nexpected token|\bcsrf\b|image|registry|JSON|YAML|parse|syntax|probe failed|client \d{1,3}\.\d/i,
  },
  {
    pattern:
      /(?:[Pp]assword|[Cc]redentials?|[Tt]oken|API key|[Aa]pi[_-]?key|[Aa]ccess key|[Ss]ecret(?: key)?) (?:provided |supplied |given |used |for \S{1,60} )?(?:is|was|are|were|has been|has|do(?:es)? not|doesn't|could not be|cannot be|not) (?:an? )?(?:incorrect|invalid|wrong|rejected|expired|revoked|malformed|not valid|not correct|not accepted|match(?:ed)?|valid|mismatch|authenticated|verified|refused|accepted)/,
    meaning: 'loose',
    except: OTHERS,
  },
  {
    pattern:
      /(?:[Aa]uthentication|[Aa]uthorization|[Ll]ogin|[Ll]ogon|\bAUTH\b|\bauth\b)(?:[- ]\w{1,20}){0,2}[: ]{1,2}(?:has |was |is )?(?:failed|failure|error|required|rejected|refused|denied|unsuccessful|incorrect|invalid)|AuthenticationFailed|(?<!Ssl)AuthenticationException|AuthenticationError|AuthorizationError|authentication credentials (?:invalid|were)/,
    meaning: 'loose',
    except: OTHERS,
  },
  {
    pattern:
      /(?:[Ff]ailed|[Uu]nable|[Cc]ould not|[Cc]annot|[Cc]an't|[Cc]ouldn't|[Nn]ot able|[Ff]ailure|[Ee]rror) (?:to |when |while )?(?:authenticat(?:e|ing)|log(?:ging)? ?in|login)\b/,
    meaning: 'loose',
    except: OTHERS,
  },
  {
    pattern:
      /the server has asked for the client to provide credentials|(?::|^|\s)Unauthorized\.?$|(?:status(?: code)?|HTTP\/\d(?:\.\d)?|HTTP|code|returned|response|error|Error|ApiException:) ?[:=]? ?\(?401\b|\b401 (?:Client Error|Unauthorized)|code = Unauthenticated|UNAUTHENTICATED:/,
    meaning: 'loose',
    except: OTHERS,
  },
  {
    pattern:
      /command \w{1,40} requires authentication|not authorized on \w{1,60} to execute command|(?:jwt|JWT|[Tt]oken) (?:is )?(?:expired|malformed)|jwt must be provided|invalid signature$/,
    meaning: 'loose',
  },
];
