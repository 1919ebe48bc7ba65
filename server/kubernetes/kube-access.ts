import { readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import type { Cluster, Context, User } from '@kubernetes/client-node';
// The package's entry loads every generated model, 80 MB of memory that nothing here uses: only its credential plugins are taken.
import { AzureAuth } from '@kubernetes/client-node/dist/azure_auth.js';
import { FileAuth } from '@kubernetes/client-node/dist/file_auth.js';
import { GoogleCloudPlatformAuth } from '@kubernetes/client-node/dist/gcp_auth.js';
import { type ExecCommand, ExecPlugin } from './exec-plugin';

/** What a request to the API server needs: TLS material, and headers with the credentials in them. */
export interface AccessOptions {
  readonly ca?: Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** False where the kubeconfig says that the certificate is not to be verified. */
  readonly rejectUnauthorized?: boolean;
  readonly servername?: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
}

/** A user of a kubeconfig with all of its impersonation; the client library's type knows the name alone. */
export interface AccessUser extends Omit<User, 'exec'> {
  readonly exec?: ExecCommand;
  readonly impersonateUid?: string;
  readonly impersonateGroups?: readonly string[];
  /** `as-user-extra`: values by key. */
  readonly impersonateExtra?: Readonly<Record<string, readonly string[]>>;
}

interface Authenticator {
  isAuthProvider(user: User): boolean;
  applyAuthentication(user: User, options: RequestOptions): Promise<void>;
}

/** One context of a kubeconfig: where the cluster is, and how to show who is asking. */
export class KubeAccess {
  readonly cluster: Cluster;
  readonly user: AccessUser;
  readonly context: Context;
  readonly #authenticators: Authenticator[] = [new AzureAuth(), new GoogleCloudPlatformAuth(), new FileAuth()];

  readonly #plugin: ExecPlugin | null;

  constructor(cluster: Cluster, user: AccessUser, context: Context) {
    this.cluster = cluster;
    this.user = user;
    this.context = context;
    this.#plugin = user.exec ? new ExecPlugin(user.exec) : null;
  }

  /** Ends a credential plugin that is under way; the question that waits for it fails. */
  stop(): void {
    this.#plugin?.stop();
  }

  /** The same access with nothing remembered: plugins are asked anew. */
  fresh(): KubeAccess {
    return new KubeAccess(this.cluster, this.user, this.context);
  }

  /**
   * Reads certificates and asks the credential plugin; tokens are kept until they expire, files are read again as they rotate.
   * Throws what the plugin or the file system throws.
   */
  async options(): Promise<AccessOptions> {
    const { cluster, user } = this;
    const options: RequestOptions = { headers: {} };
    const ca = fileOrData(cluster.caFile, cluster.caData);
    const cert = fileOrData(user.certFile, user.certData);
    const key = fileOrData(user.keyFile, user.keyData);
    if (cert) options.cert = cert;
    if (key) options.key = key;
    const given = await this.#plugin?.credential();
    if (given?.clientCertificateData) options.cert = given.clientCertificateData;
    if (given?.clientKeyData) options.key = given.clientKeyData;
    if (!given) await (await this.#authenticator())?.applyAuthentication(user, options);
    const headers: Record<string, string | string[]> = given?.token
      ? { authorization: `Bearer ${given.token.trim()}` }
      : {};
    // Token files end in a newline, which no header may carry.
    for (const [name, value] of Object.entries(options.headers ?? {}))
      headers[name.toLowerCase()] = String(value).trim();
    if (user.token) headers.authorization = `Bearer ${user.token.trim()}`;
    if (user.username) {
      headers.authorization = `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}`;
    }
    Object.assign(headers, impersonation(user));
    return {
      ...(ca ? { ca } : {}),
      ...(options.cert ? { cert: options.cert as string | Buffer } : {}),
      ...(options.key ? { key: options.key as string | Buffer } : {}),
      ...(cluster.skipTLSVerify ? { rejectUnauthorized: false } : {}),
      ...(cluster.tlsServerName ? { servername: cluster.tlsServerName } : {}),
      headers,
    };
  }

  async #authenticator(): Promise<Authenticator | undefined> {
    if (
      this.user.authProvider?.name === 'oidc' &&
      !this.#authenticators.some((each) => each.isAuthProvider(this.user))
    ) {
      const { OpenIDConnectAuth } = await import('@kubernetes/client-node/dist/oidc_auth.js');
      this.#authenticators.push(new OpenIDConnectAuth());
    }
    return this.#authenticators.find((each) => each.isAuthProvider(this.user));
  }
}

/** Impersonation as client-go sends it (transport/round_trippers.go): one header for each group and each extra value. */
function impersonation(user: AccessUser): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  if (user.impersonateUser) headers['impersonate-user'] = user.impersonateUser;
  if (user.impersonateUid) headers['impersonate-uid'] = user.impersonateUid;
  if (user.impersonateGroups?.length) headers['impersonate-group'] = [...user.impersonateGroups];
  for (const [key, values] of Object.entries(user.impersonateExtra ?? {})) {
    headers[`impersonate-extra-${encodeURIComponent(key.toLowerCase())}`] = [...values];
  }
  return headers;
}

function fileOrData(file: string | undefined, data: string | undefined): Buffer | null {
  if (file) return readFileSync(file);
  return data ? Buffer.from(data, 'base64') : null;
}
