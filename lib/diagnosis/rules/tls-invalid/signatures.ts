import type { Signature } from '@/lib/diagnosis/match-log';

/** What is wrong: completes "the certificate …", or `pair` and `unreadable` for its own files, `handshake` where the text says no more. */
export type Meaning = 'expired' | 'unknown-authority' | 'name' | 'pair' | 'unreadable' | 'client' | 'handshake';

/** What a server prints of clients that hang up on it, and what only warns. */
const OTHERS =
  /TLS handshake error from|SSL_do_handshake\(\) failed[^\n]{0,200}client:|InsecureRequestWarning|client sent an HTTP request|probe failed|will expire|expires (?:in|soon)|ignor(?:e|ing)|\bgenerat(?:e|ing|ed) (?:\w{1,20} ){0,3}(?:self|certificate|key)|\bcreat(?:e|ing|ed) (?:a )?(?:new )?self|using (?:a )?self[- ]signed/i;

/** Texts of the loaders and verifiers themselves: Go crypto/x509, OpenSSL, Java, Node, .NET, rustls, Erlang. */
export const SIGNATURES: readonly Signature<Meaning>[] = [
  {
    pattern:
      /x509: certificate has expired or is not yet valid(?:: current time \S{1,40} is (after|before) ([\w:.+-]{1,40}))?/,
    meaning: 'expired',
    except: OTHERS,
  },
  {
    pattern:
      /x509: certificate is (?:valid for (.{1,160}?), not \S{1,200}|not valid for any names)|x509: cannot validate certificate for \S{1,80} because it doesn't contain any IP SANs|x509: certificate relies on legacy Common Name|ERR_TLS_CERT_ALTNAME_INVALID|Hostname\/IP (?:does not|doesn't) match certificate|No subject alternative (?:DNS )?names?|hostname '[^']{1,200}' doesn't match|Hostname mismatch|IP address mismatch|no alternative certificate subject name matches|RemoteCertificateNameMismatch|(?:invalid peer certificate|certificate): (?:NotValidForName|certificate not valid for name)|NotValidForName|hostname_check_failed|bad_cert,\s?hostname|Host name '[^']{1,200}' does not match the certificate|certificate (?:subject )?name[^\n]{0,60}(?:does not|doesn't) match/,
    meaning: 'name',
    except: OTHERS,
  },
  {
    pattern:
      /CertificateExpiredException|CertificateNotYetValidException|CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|[Cc]ertificate (?:has|is|was) (?:expired|not yet valid|no longer valid)|[Cc]ertificate expired|certificate_expired|alert certificate expired|invalid peer certificate: (?:Expired|certificate expired)|CertExpired|NotTimeValid|cert_expired|NotAfter: |SSL certificate problem: certificate (?:has expired|is not yet valid)|certificate \S{1,200} (?:has )?expired/,
    meaning: 'expired',
    except: OTHERS,
  },
  {
    pattern:
      /x509: certificate signed by unknown authority|x509: (?:invalid signature|certificate is not standards compliant|certificate specifies an incompatible|certificate is not authorized)|parent certificate cannot sign|unable to get (?:local )?issuer certificate|(?<!(?:[Gg]enerat|[Cc]reat|[Uu]s)(?:ing|ed) (?:a |the )?(?:new )?)[Ss]elf[- ]signed certificate|unable to verify the first certificate|UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT\w{0,10})|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|CERTIFICATE_VERIFY_FAILED|certificate verify failed|PKIX path (?:building|validation) failed|unable to find valid certification path|trustAnchors parameter must be non-empty|UntrustedRoot|PartialChain|RemoteCertificateChainErrors|The remote certificate is invalid|UnknownIssuer|CaUsedAsEndEntity|UnknownCA|unknown_ca\b|alert unknown ca|SSL certificate problem|server certificate verification failed|certificate chain[^\n]{0,40}(?:invalid|incomplete|not trusted|untrusted)|certificate (?:is )?not trusted|untrusted certificate|unable to verify certificate|No trusted certificate found|SunCertPathBuilderException|CertPathValidatorException|CRYPT_E_|root certificate[^\n]{0,60}(?:invalid|not found in)/,
    meaning: 'unknown-authority',
    except: OTHERS,
  },
  {
    pattern:
      /tls: private key does not match public key|key values mismatch|(?:[Pp]rivate )?[Kk]ey (?:does not|doesn't) match (?:the )?(?:public key|certificate|cert)|[Cc]ertificate and (?:private )?key (?:do not|don't) match|X509_check_private_key/,
    meaning: 'pair',
  },
  {
    pattern:
      /tls: failed to (?:find any PEM data|parse (?:certificate|private key))|failed to (?:parse|decode|load) (?:the )?(?:\w{1,30} )?(?:certificate|PEM|key ?pair|x509)|no start line|neither Certificates, GetCertificate|error setting certificate verify locations|PEM_read_bio|x509: malformed|asn1: (?:structure|syntax) error|bad base64 decode|no certificate (?:found|data)|not (?:a )?valid PEM|[Ii]nvalid PEM|ERR_OSSL_PEM|no valid certificates|Could not parse certificate|could not load (?:server |client |root )?certificate|unable to load certificate|cannot load certificate(?: key)?|CertificateParsingException|error parsing certificate|malformed(?:framing|PEM)|NoCertificatesFound|InvalidCertificate\(|x509: no certificates|unable to load (?:root )?CA|error loading (?:tls|TLS|x509) (?:cert|certificate|key ?pair)/,
    meaning: 'unreadable',
    except: /[Nn]o such file|ENOENT|[Pp]ermission denied|EACCES|not exist/,
  },
  {
    pattern:
      /remote error: tls: (?:bad certificate|certificate required|unknown certificate|expired certificate|unknown certificate authority|revoked certificate)|alert (?:bad certificate|certificate unknown|certificate required)|BadCertificate|CertificateRequired|bad_certificate|certificate_unknown|certificate_required|tlsv1\d? alert|client certificate[^\n]{0,60}(?:required|rejected|not (?:accepted|trusted|valid)|invalid|expired)/i,
    meaning: 'client',
    except: OTHERS,
  },
  {
    pattern:
      /SSLHandshakeException|handshake_failure|tls: handshake failure|(?:TLS|SSL) handshake (?:failed|error)|tls: (?:protocol version not supported|no supported versions|server selected unsupported)|unsupported protocol version|no cipher(?:s| suites?) (?:match|in common)|SSLPeerUnverifiedException|ssl\.SSLError|SSL routines|The SSL connection could not be established/,
    meaning: 'handshake',
    except:
      /wrong version number|first record|HTTP response|timed? ?out|unexpected eof|connection (?:reset|refused)|EOF|TLS handshake error from|client:/i,
  },
];
