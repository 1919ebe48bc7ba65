import { z } from 'zod';
import { badRequest, unknownPath } from './status';

const READ_VERBS = new Set(['get', 'list', 'watch']);

const AccessReviewSchema = z.object({
  spec: z.object({
    resourceAttributes: z
      .object({
        namespace: z.string().default(''),
        verb: z.string().default(''),
        group: z.string().default(''),
        resource: z.string().default(''),
        subresource: z.string().default(''),
        name: z.string().default(''),
      })
      .optional(),
    nonResourceAttributes: z.object({ path: z.string(), verb: z.string() }).optional(),
  }),
});
const RulesReviewSchema = z.object({ spec: z.object({ namespace: z.string().default('') }) });

/** True where the one viewer of the demo cluster may do something: read everything but Secrets, change nothing. */
export function isAllowed(verb: string, resource: string): boolean {
  return READ_VERBS.has(verb) && resource !== 'secrets' && resource !== '*';
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw badRequest(`the object provided is unrecognized: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Answers a review of authorization.k8s.io/v1. Throws ApiStatus 400 for a malformed one, 404 for another kind. */
export function answerReview(plural: string, body: unknown): Readonly<Record<string, unknown>> {
  const apiVersion = 'authorization.k8s.io/v1';
  if (plural === 'selfsubjectaccessreviews') {
    const { spec } = parse(AccessReviewSchema, body);
    const attributes = spec.resourceAttributes;
    const allowed = attributes
      ? isAllowed(attributes.verb, attributes.resource)
      : spec.nonResourceAttributes?.verb === 'get';
    const reason = allowed ? 'RBAC: allowed by ClusterRoleBinding "demo-viewer" of ClusterRole "demo-viewer"' : '';
    const metadata = { creationTimestamp: null };
    return { kind: 'SelfSubjectAccessReview', apiVersion, metadata, spec, status: { allowed, reason } };
  }
  if (plural === 'selfsubjectrulesreviews') {
    parse(RulesReviewSchema, body);
    const verbs = [...READ_VERBS];
    const rule = (apiGroups: readonly string[], resources: readonly string[]): unknown => ({
      verbs,
      apiGroups,
      resources,
    });
    const core = [
      'pods',
      'pods/log',
      'events',
      'nodes',
      'namespaces',
      'services',
      'configmaps',
      'persistentvolumeclaims',
      'replicationcontrollers',
      'resourcequotas',
      'limitranges',
      'endpoints',
      'serviceaccounts',
      'persistentvolumes',
    ];
    return {
      kind: 'SelfSubjectRulesReview',
      apiVersion,
      metadata: { creationTimestamp: null },
      spec: {},
      status: {
        resourceRules: [
          rule([''], core),
          rule(['apps', 'batch', 'autoscaling', 'networking.k8s.io', 'storage.k8s.io'], ['*']),
          {
            verbs: ['create'],
            apiGroups: ['authorization.k8s.io'],
            resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
          },
        ],
        nonResourceRules: [
          {
            verbs: ['get'],
            nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/readyz', '/version'],
          },
        ],
        incomplete: false,
      },
    };
  }
  throw unknownPath();
}
