import { describe, expect, test } from 'vitest';
import { firstVerdict } from './lines-fixture';

/** What programs print at their end when they are not let in, by the cause it means. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  'bad-credentials': [
    'pq: password authentication failed for user "app"',
    "django.db.utils.OperationalError: (1045, \"Access denied for user 'app'@'10.244.0.9' (using password: YES)\")",
    "Error: ER_ACCESS_DENIED_ERROR: Access denied for user 'root'@'10.1.0.3' (using password: NO)",
    'redis.exceptions.AuthenticationError: WRONGPASS invalid username-password pair or user is disabled.',
    'ReplyError: NOAUTH Authentication required.',
    'MongoServerError: Authentication failed.',
    'Error: SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string',
    'FATAL: no pg_hba.conf entry for host "10.244.1.7", user "app", database "app", no encryption',
    "Microsoft.Data.SqlClient.SqlException (0x80131904): Login failed for user 'sa'.",
    'java.sql.SQLException: ORA-01017: invalid username/password; logon denied',
    'Caused by: com.rabbitmq.client.AuthenticationFailureException: ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN',
    'org.apache.kafka.common.errors.SaslAuthenticationException: Authentication failed: Invalid username or password',
    "elasticsearch.AuthenticationException: AuthenticationException(401, 'security_exception', 'unable to authenticate user [kibana] for REST request [/]')",
    'level=fatal msg="LDAP Result Code 49 \\"Invalid Credentials\\": "',
    'Error: Invalid login: 535 5.7.8 Error: authentication failed',
    'Error making API request. Code: 403. Errors: * invalid token',
    'botocore.exceptions.ClientError: An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid',
    'botocore.exceptions.NoCredentialsError: Unable to locate credentials',
    'NoCredentialProviders: no valid providers in chain. Deprecated.',
    'google: could not find default credentials. See https://cloud.google.com/docs/authentication/external/set-up-adc for more information',
    'AADSTS7000215: Invalid client secret provided.',
    'oauth2: cannot fetch token: 400 Bad Request Response: {"error":"invalid_grant"}',
    'HttpError: Bad credentials',
    'Request failed with status code 401',
    'telegram.error.InvalidToken: Invalid token',
    'DiscordAPIError[0]: Error [TokenInvalid]: An invalid token was provided.',
    "fatal: Authentication failed for 'https://git.example/shop/web.git/'",
    'git@git.example: Permission denied (publickey).',
    'TypeError [ERR_INVALID_CHAR]: Invalid character in header content ["Authorization"]',
    "requests.exceptions.InvalidHeader: Invalid leading whitespace, reserved character(s), or return character(s) in header value: 'Bearer abc\\n'",
    'panic: crypto/aes: invalid key size 31',
    'ValueError: Fernet key must be 32 url-safe base64-encoded bytes.',
    'fatal: decode SESSION_KEY: illegal base64 data at input byte 12',
    'java.io.IOException: keystore password was incorrect',
    'Error: Mismatching encryption keys. The encryption key in the settings file does not match the one in the environment.',
    'ActiveSupport::MessageEncryptor::InvalidMessage: ActiveSupport::MessageEncryptor::InvalidMessage',
    'FATAL failed to decrypt stored credentials: cipher: message authentication failed',
    'E0301 11:58:59.000001       1 leaderelection.go:330] error retrieving resource lock kube-system/web: Unauthorized',
    'level=error msg="the server has asked for the client to provide credentials"',
    'Error: failed to log in: incorrect password for user admin',
    'rpc error: code = Unauthenticated desc = invalid api key',
    '[error] Postgrex.Protocol failed to connect: ** (Postgrex.Error) FATAL 28P01 (invalid_password) password authentication failed for user "shop"',
    'Error: failed to authenticate: Error authenticating with Vault: Error making API request.\n\nCode: 403. Errors:\n\n* permission denied',
    'FATAL[2026-03-01T11:58:59Z] tunnel error: Provided Tunnel token is not valid.',
    'Error: P1000: Authentication failed against database server at `db`, the provided database credentials for `app` are not valid.',
    'Error: secretOrPrivateKey must have a value',
    'Error: "JWT_SECRET" is too short: must be at least 32 characters',
    'ERROR: could not open session: NATS: nats: Authorization Violation',
    'panic: Error: Invalid Ethereum private key: invalid length, need 256 bits',
    'ftplib.error_perm: 530 Login incorrect.',
    'Connection error: Connection Refused: bad user name or password.',
    'javax.security.auth.login.LoginException: Client not found in Kerberos database (6) - CLIENT_NOT_FOUND',
    'Error: ER_NOT_SUPPORTED_AUTH_MODE: Client does not support authentication protocol requested by server; consider upgrading MySQL client',
  ],
  'tls-invalid': [
    'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'Get "https://vault:8200": x509: certificate has expired or is not yet valid: current time 2026-03-01T11:58:51Z is after 2026-01-01T00:00:00Z',
    'x509: certificate is valid for db.local, not db.shop.svc',
    'Error: unable to verify the first certificate',
    'Error: self signed certificate in certificate chain',
    "Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: Host: db. is not in the cert's altnames",
    'ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1007)',
    'OpenSSL::SSL::SSLError: SSL_connect returned=1 errno=0 state=error: certificate verify failed (self-signed certificate)',
    'curl: (60) SSL certificate problem: unable to get local issuer certificate',
    'System.Security.Authentication.AuthenticationException: The remote certificate is invalid because of errors in the certificate chain: UntrustedRoot',
    'Caused by: java.security.cert.CertificateExpiredException: NotAfter: Fri Feb 27 09:00:00 UTC 2026',
    'java.security.InvalidAlgorithmParameterException: the trustAnchors parameter must be non-empty',
    'error trying to connect: invalid peer certificate: UnknownIssuer',
    'FATAL tls: private key does not match public key',
    'panic: tls: failed to find any PEM data in certificate input',
    'nginx: [emerg] cannot load certificate "/etc/tls/tls.crt": PEM_read_bio_X509_AUX() failed (SSL: error:0480006C:PEM routines::no start line)',
    'nginx: [emerg] SSL_CTX_use_PrivateKey("/etc/tls/tls.key") failed (SSL: error:05800074:x509 certificate routines::key values mismatch)',
    'remote error: tls: bad certificate',
    'MongoServerSelectionError: certificate has expired',
    '** (Mint.TransportError) TLS client: In state wait_cert_cr at ssl_handshake.erl:2138 generated CLIENT ALERT: Fatal - Unknown CA {:bad_cert, :selfsigned_peer} unknown_ca',
    'stream_socket_client(): SSL operation failed with code 1. OpenSSL Error messages: error:0A000086:SSL routines::certificate verify failed',
    "fatal: unable to access 'https://git.example/web.git/': server certificate verification failed. CAfile: none CRLfile: none",
    'psycopg2.OperationalError: SSL error: certificate verify failed',
    'FATAL error loading TLS certificate: x509: malformed certificate',
    'org.apache.kafka.common.errors.SslAuthenticationException: SSL handshake failed\n\tat org.apache.kafka.common.network.SslTransportLayer.handshakeFailure(SslTransportLayer.java:700)\nCaused by: javax.net.ssl.SSLHandshakeException: No subject alternative DNS name matching kafka found.',
    'amqp.exceptions.ConnectionError: [SSL: TLSV1_ALERT_UNKNOWN_CA] tlsv1 alert unknown ca (_ssl.c:1129)',
    'rustls: received fatal alert: BadCertificate',
    'failed to verify certificate: x509: certificate is not standards compliant',
  ],
  'rbac-denied': [
    'Error: configmaps "app" is forbidden: User "system:serviceaccount:shop:default" cannot get resource "configmaps" in API group "" in the namespace "shop"',
    'failed to list pods: pods is forbidden: User \\"system:serviceaccount:shop:web\\" cannot list resource \\"pods\\" in API group \\"\\" at the cluster scope',
    'Error from server (Forbidden): nodes is forbidden: User "system:serviceaccount:kube-system:tiller" cannot list nodes at the cluster scope',
    'kubernetes.client.exceptions.ApiException: (403)\nReason: Forbidden',
    "io.fabric8.kubernetes.client.KubernetesClientException: Failure executing: GET at: https://10.96.0.1/api/v1/namespaces/shop/configmaps. Message: Forbidden!Configured service account doesn't have access. Service account may have been revoked.",
    'panic: open /var/run/secrets/kubernetes.io/serviceaccount/token: no such file or directory',
    "Error: ENOENT: no such file or directory, open '/var/run/secrets/kubernetes.io/serviceaccount/token'",
    'kubernetes.config.config_exception.ConfigException: Service token file does not exist.',
    'user "system:serviceaccount:shop:web" (groups=["system:serviceaccounts"]) is attempting to grant RBAC permissions not currently held: {APIGroups:[""], Resources:["pods"], Verbs:["get"]}',
    'error retrieving resource lock shop/leader: leases.coordination.k8s.io "leader" is forbidden: User "system:serviceaccount:shop:web" cannot get resource "leases" in API group "coordination.k8s.io" in the namespace "shop"',
    'botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the PutObject operation: User: arn:aws:sts::1:assumed-role/web is not authorized to perform: s3:PutObject',
    'googleapi: Error 403: web@shop.iam.gserviceaccount.com does not have storage.buckets.get access to the Google Cloud Storage bucket., forbidden',
    'E0301 11:58:51.000000       1 leaderelection.go:332] error retrieving resource lock kube-system/web: leases.coordination.k8s.io "web" is forbidden: User "system:serviceaccount:shop:default" cannot get resource "leases" in API group "coordination.k8s.io" in the namespace "kube-system"\nF0301 11:59:00.000000       1 main.go:80] leaderelection lost',
    '2026/03/01 11:58:59 failed to create client: WebIdentityErr: failed to retrieve credentials caused by: AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity',
    'failed to get API group resources: unable to retrieve the complete list of server APIs: networking.k8s.io/v1: forbidden: User "system:serviceaccount:shop:default" cannot get path "/apis/networking.k8s.io/v1"',
  ],
};

describe.each(Object.entries(LINES))('%s', (cause, lines) => {
  test.each(lines)('%s', (line) => {
    expect(firstVerdict(`starting\nloading settings\n${line}\n`, 1)?.cause).toBe(cause);
  });
});

describe('another cause, although it speaks of access', () => {
  test.each([
    ['SyntaxError: Unexpected token } in JSON at position 12', 'bad-credentials'],
    ['Error: JWT_SECRET must be set', 'bad-credentials'],
    ['Failed to pull image "web:1": unauthorized', 'bad-credentials'],
    ['warn: certificate will expire in 3 days; listening on :8443', 'tls-invalid'],
    ['http: TLS handshake error from 10.0.0.9:4123: remote error: tls: bad certificate', 'tls-invalid'],
    ['open /data/db: permission denied', 'rbac-denied'],
    ['10.0.0.9 - - "GET /admin HTTP/1.1" 403 12', 'rbac-denied'],
    ['10.0.0.9 - - "GET /admin HTTP/1.1" 401 12', 'bad-credentials'],
  ])('%s', (line, cause) => {
    expect(firstVerdict(`starting\n${line}\n`, 1)?.cause).not.toBe(cause);
  });
});

describe('a warning that a program got past, before it died of its own mistake', () => {
  const crash =
    'panic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:8 +0x1d\n';
  test.each([
    'level=warning msg="No TLS key found. Generating self-signed certificate."',
    'W0301 11:58:51.000000       1 authentication.go:368] Error looking up in-cluster authentication configuration: configmaps "extension-apiserver-authentication" is forbidden: User "system:serviceaccount:shop:web" cannot get resource "configmaps" in API group "" in the namespace "kube-system"',
    'W0301 11:58:51.000000       1 reflector.go:539] failed to list *v1.Node: nodes is forbidden: User "system:serviceaccount:shop:web" cannot list resource "nodes" in API group "" at the cluster scope',
    '2026-03-01 11:58:51.000 UTC [88] FATAL:  password authentication failed for user "bob"',
    'WARN master not discovered yet, this node has not joined a cluster',
    'WARN cannot reach tracing: dial tcp 10.0.0.1:4317: i/o timeout',
  ])('%s', (line) => {
    expect(firstVerdict(`INFO starting\n${line}\nINFO serving\n${crash}`, 2)?.cause).toBe('app-exception');
  });
});

test('a panic that only says what could not be done leaves the word to what was said before', () => {
  const log =
    'INFO starting\nWARN cannot list pods: x509: certificate signed by unknown authority\npanic: unable to start manager\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:8 +0x1d\n';
  expect(firstVerdict(log, 2)?.cause).toBe('tls-invalid');
});
