import type { Rule } from './rule';
import { apiMismatch } from './rules/api-mismatch/rule';
import { appException } from './rules/app-exception/rule';
import { badArgument } from './rules/bad-argument/rule';
import { badCommand } from './rules/bad-command/rule';
import { badCredentials } from './rules/bad-credentials/rule';
import { brokenEntrypoint } from './rules/broken-entrypoint/rule';
import { clusterMembership } from './rules/cluster-membership/rule';
import { configRefMissing } from './rules/config-ref-missing/rule';
import { configSyntax } from './rules/config-syntax/rule';
import { cpuStarved } from './rules/cpu-starved/rule';
import { dataCorrupt } from './rules/data-corrupt/rule';
import { dataVersion } from './rules/data-version/rule';
import { deniedByKernel } from './rules/denied-by-kernel/rule';
import { dependencyDns } from './rules/dependency-dns/rule';
import { dependencyRefused } from './rules/dependency-refused/rule';
import { dependencyTimeout } from './rules/dependency-timeout/rule';
import { diskFull } from './rules/disk-full/rule';
import { envMissing } from './rules/env-missing/rule';
import { evicted } from './rules/evicted/rule';
import { exitsEarly } from './rules/exits-early/rule';
import { fileMissing } from './rules/file-missing/rule';
import { heapExhausted } from './rules/heap-exhausted/rule';
import { hookFailed } from './rules/hook-failed/rule';
import { imageNotFound } from './rules/image-not-found/rule';
import { imagePullDenied } from './rules/image-pull-denied/rule';
import { imageReferenceInvalid } from './rules/image-reference-invalid/rule';
import { initBlocked } from './rules/init-blocked/rule';
import { kernelLimit } from './rules/kernel-limit/rule';
import { migrationFailed } from './rules/migration-failed/rule';
import { missingModule } from './rules/missing-module/rule';
import { nodeRuntime } from './rules/node-runtime/rule';
import { oomKilled } from './rules/oom-killed/rule';
import { portInUse } from './rules/port-in-use/rule';
import { probeTooEarly } from './rules/probe-too-early/rule';
import { probeWrong } from './rules/probe-wrong/rule';
import { rbacDenied } from './rules/rbac-denied/rule';
import { readOnlyFilesystem } from './rules/read-only-filesystem/rule';
import { registryUnreachable } from './rules/registry-unreachable/rule';
import { runAsNonRoot } from './rules/run-as-non-root/rule';
import { serviceLinkEnv } from './rules/service-link-env/rule';
import { settingInvalid } from './rules/setting-invalid/rule';
import { sidecarOrder } from './rules/sidecar-order/rule';
import { tlsInvalid } from './rules/tls-invalid/rule';
import { unknown } from './rules/unknown/rule';
import { unschedulable } from './rules/unschedulable/rule';
import { volumeMount } from './rules/volume-mount/rule';
import { volumePermission } from './rules/volume-permission/rule';
import { wrongArchitecture } from './rules/wrong-architecture/rule';

/** Every rule, in the order of their ids. `npm run new-rule <id>` adds a line. */
export const RULES: readonly Rule[] = [
  apiMismatch,
  appException,
  badArgument,
  badCommand,
  badCredentials,
  brokenEntrypoint,
  clusterMembership,
  configRefMissing,
  configSyntax,
  cpuStarved,
  dataCorrupt,
  dataVersion,
  deniedByKernel,
  dependencyDns,
  dependencyRefused,
  dependencyTimeout,
  diskFull,
  envMissing,
  evicted,
  exitsEarly,
  fileMissing,
  heapExhausted,
  hookFailed,
  imageNotFound,
  imagePullDenied,
  imageReferenceInvalid,
  initBlocked,
  kernelLimit,
  migrationFailed,
  missingModule,
  nodeRuntime,
  oomKilled,
  portInUse,
  probeTooEarly,
  probeWrong,
  rbacDenied,
  readOnlyFilesystem,
  registryUnreachable,
  runAsNonRoot,
  serviceLinkEnv,
  settingInvalid,
  sidecarOrder,
  tlsInvalid,
  unknown,
  unschedulable,
  volumeMount,
  volumePermission,
  wrongArchitecture,
];
