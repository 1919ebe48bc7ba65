import { describe, expect, test } from 'vitest';
import { firstVerdict } from './lines-fixture';

/** What programs print at their end when nobody answers, or when their cluster does not take them in, by the cause it means. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  'dependency-timeout': [
    'E0203 10:00:00.000000 1 leaderelection.go:330] error retrieving resource lock ops/controller: Get "https://10.96.0.1:443/apis/coordination.k8s.io/v1/leases/controller": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
    'E0203 10:00:00.000000 1 leaderelection.go:330] error retrieving resource lock ops/controller: Get "https://10.96.0.1:443/apis/x": dial tcp 10.96.0.1:443: i/o timeout',
    'dial tcp 10.96.0.1:443: i/o timeout',
    'Error: connect ETIMEDOUT 203.0.113.9:5432',
    'psycopg2.OperationalError: connection to server at "db.prod.example" (203.0.113.9), port 5432 failed: Connection timed out',
    'psycopg2.OperationalError: connection to server at "db" (10.0.0.9), port 5432 failed: timeout expired',
    'java.net.SocketTimeoutException: connect timed out',
    'org.apache.http.conn.ConnectTimeoutException: Connect to es:9200 [es/10.0.0.9] failed: connect timed out',
    'MongoServerSelectionError: Server selection timed out after 30000 ms',
    'com.mongodb.MongoTimeoutException: Timed out after 30000 ms while waiting for a server that matches ReadPreferenceServerSelector',
    'curl: (28) Failed to connect to 203.0.113.20 port 8443 after 6001 ms: Timeout was reached',
    "requests.exceptions.ConnectTimeout: HTTPSConnectionPool(host='api.example', port=443): Max retries exceeded with url: / (Caused by ConnectTimeoutError('Connection to api.example timed out. (connect timeout=10)'))",
    'Get "https://10.96.0.1:443/version": net/http: TLS handshake timeout',
    'Get "https://auth.example/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    'org.apache.kafka.common.errors.TimeoutException: Timed out waiting for a node assignment. Call: describeCluster',
    'kafka.zookeeper.ZooKeeperClientTimeoutException: Timed out waiting for connection while in state: CONNECTING',
    "pymysql.err.OperationalError: (2003, \"Can't connect to MySQL server on 'db' (timed out)\")",
    'SequelizeConnectionError: connect ETIMEDOUT',
    'Microsoft.Data.SqlClient.SqlException (0x80131904): Connection Timeout Expired. The timeout period elapsed while attempting to consume the pre-login handshake acknowledgement.',
    'Net::OpenTimeout: Failed to open TCP connection to api.example:443 (execution expired)',
    'wait-for-it.sh: timeout occurred after waiting 60 seconds for db:5432',
    'Error: error trying to connect: tcp connect error: Connection timed out (os error 110)',
    'ORA-12170: TNS:Connect timeout occurred',
    '** (DBConnection.ConnectionError) tcp connect (db:5432): connection timed out - :etimedout',
    'redis.exceptions.TimeoutError: Timeout connecting to server redis:6379 connection timed out',
    '[2026-03-01 11:58:59,000] ERROR Unable to start Kafka Connect org.apache.kafka.connect.errors.ConnectException: Failed to connect to and describe Kafka cluster.\n\tat org.apache.kafka.connect.util.ConnectUtils.lookupKafkaClusterId(ConnectUtils.java:79)\nCaused by: org.apache.kafka.common.errors.TimeoutException: Timed out waiting for a node assignment. Call: listNodes',
    "ERROR 2003 (HY000): Can't connect to MySQL server on 'db.example:3306' (110)",
    'ERROR controller: CRD is not queryable; Service(hyper_util::client::legacy::Error(Connect, Custom { kind: TimedOut, error: Elapsed(()) }))',
    'panic: unable to connect to Temporal: context deadline exceeded while dialing temporal-frontend:7233',
    "Error: timeout of 10000ms exceeded\n    at createError (/app/node_modules/axios/lib/core/createError.js:16:15) {\n  code: 'ECONNABORTED'\n}",
    'unable to retrieve the complete list of server APIs: apps/v1: Get "https://10.96.0.1:443/apis/apps/v1": dial tcp 10.96.0.1:443: i/o timeout',
  ],
  'cluster-membership': [
    'panic: failed to start raft: cluster already bootstrapped with different peers: bootstrap only works on new clusters',
    '==> Detected data from previous deployments...\n==> Cluster not responding!!\n==> Disaster recovery is disabled, the cluster cannot be recovered!',
    "kafka.common.InconsistentClusterIdException: The Cluster ID abc doesn't match stored clusterId Some(def) in meta.properties.",
    'java.lang.RuntimeException: Invalid cluster.id in: /data/meta.properties. Expected abc, but read def',
    'org.apache.kafka.common.errors.DuplicateBrokerRegistrationException: Another broker is registered with that broker id.',
    'java.lang.RuntimeException: My id 4 not in the peer list',
    '[ERROR] WSREP: failed to open gcomm backend connection: 110: failed to reach primary view (pc.wait_prim_timeout): 110 (Connection timed out)',
    '{"level":"fatal","msg":"discovery failed","error":"member 86adba6a3f2b2193 has already been bootstrapped"}',
    '2026-03-01 11:58:59.531739 E | etcdserver: the member has been permanently removed from the cluster',
    'error validating peerURLs {ClusterID:cdf818194e3a8c32 Members:[&{ID:8e9e05c52164694d}] RemovedMemberIDs:[]}: member count is unequal',
    'level=fatal msg="starting kubernetes: preparing server: start managed database: etcd cluster join failed: duplicate node name found, please use a unique name for this node"',
    'ERROR: Not all 16384 slots are covered by nodes.',
    '[ERR] Node 10.244.0.9:6379 is not empty. Either the node already knows other nodes (check with CLUSTER NODES) or contains some key in database 0.',
    'BOOT FAILED\n{inconsistent_cluster,"Node rabbit@web-0 thinks it\'s clustered with node rabbit@web-1, but rabbit@web-1 disagrees"}',
    'Error while waiting for Mnesia tables: {timeout_waiting_for_tables,[rabbit_user]}',
    'java.lang.IllegalStateException: join validation on cluster state with a different cluster uuid abc than local cluster uuid def, rejecting',
    'org.elasticsearch.discovery.MasterNotDiscoveredException: null',
    'org.apache.cassandra.exceptions.ConfigurationException: Saved cluster name Test Cluster != configured name shop',
    'java.lang.RuntimeException: A node with address /10.244.0.9:7000 already exists, cancelling join. Use cassandra.replace_address if you want to replace this node.',
    'java.lang.RuntimeException: Unable to gossip with any peers',
    'CRITICAL: system ID mismatch, node web-0 belongs to a different cluster: 7012 != 7013',
    'java.io.IOException: Incompatible clusterIDs in /data: namenode clusterID = CID-1; datanode clusterID = CID-2',
    'Failed to start: failed to join Raft group stan',
    'Error starting agent: error="Failed to start Consul server: refusing to rejoin cluster because server has been offline for more than the configured server_rejoin_age_max (168h0m0s)"',
    'ERROR: node belongs to cluster {"a"} but is attempting to connect to a gossip network for cluster {"b"}',
    '[FATAL] [server.go:920] ["failed to bootstrap node id"] [err="cluster ID mismatch, local 7 != remote 8"]',
    "consul: Failed to join 10.0.0.9: Member 'web-1' has conflicting node ID '78788416' with this agent's ID",
    "Plugin group_replication reported: 'The member contains transactions not present in the group. The member will now exit the group.'",
    'ERROR [main] CassandraDaemon.java:775 - Fatal configuration error; unable to start server.\norg.apache.cassandra.exceptions.ConfigurationException: Unable to contact any seeds!',
    'com.alibaba.nacos.api.exception.NacosException: The Raft Group did not find the Leader node',
  ],
};

describe.each(Object.entries(LINES))('%s', (cause, lines) => {
  test.each(lines)('%s', (line) => {
    expect(firstVerdict(`starting\nloading settings\n${line}\n`, 1)?.cause).toBe(cause);
  });
});

test('a time-out that names nobody is no more than possible', () => {
  expect(firstVerdict('starting\ncontext deadline exceeded\n', 1)?.confidence).toBe('possible');
});

test('names whom it called where only the command tells', () => {
  const spec = { command: ['curl', '--max-time', '9', 'http://203.0.113.20:8443/register'] };
  const verdict = firstVerdict(
    'curl: (28) Operation timed out after 9001 milliseconds with 0 bytes received\n',
    28,
    spec,
  );
  expect(verdict?.sentence).toContain('203.0.113.20:8443');
});
