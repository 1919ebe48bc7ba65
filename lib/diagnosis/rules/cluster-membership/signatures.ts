import type { Signature } from '@/lib/diagnosis/match-log';

/**
 * Why it cannot join. `identity`: its data belongs to another cluster or member. `bootstrap`: nobody may start the cluster anew.
 * `removed`: the cluster knows it no more, or knows it already. `config`: it is not in the member list that it was given.
 * `peers`: too few others can be found.
 */
export interface Meaning {
  readonly why: 'identity' | 'bootstrap' | 'removed' | 'config' | 'peers';
  /** True where the text excludes other causes. */
  readonly isProof?: true;
}

const identity: Meaning = { why: 'identity', isProof: true };
const removed: Meaning = { why: 'removed', isProof: true };
const config: Meaning = { why: 'config', isProof: true };

/** The words of the clusters themselves: what a member prints before it gives up joining. */
export const SIGNATURES: readonly Signature<Meaning>[] = [
  // Kafka, ZooKeeper
  {
    pattern:
      /InconsistentClusterIdException|doesn't match stored clusterId|Invalid cluster\.id in|InconsistentBrokerIdException|InconsistentBrokerMetadata|[Ss]tored node id \d{1,9} doesn't match|Configured (?:broker|node)\.id \d{1,9} doesn't match stored/,
    meaning: identity,
  },
  {
    pattern:
      /[Bb]roker is already registered|DuplicateBrokerRegistration|another broker is (?:already )?registered|NodeExistsException: KeeperErrorCode = NodeExists|There is already another broker|DuplicateVoter/,
    meaning: removed,
  },
  {
    pattern:
      /My id \d{1,9} not in the peer list|myid file is missing|serverid \w{1,20} is not a number|Invalid (?:server|quorum) (?:id|config)|QuorumPeerConfig\$ConfigException/,
    meaning: config,
  },
  {
    pattern:
      /Cannot open channel to \d{1,9} at election address|Unable to find (?:the )?controller|quorum (?:voters?|controller)[^\n]{0,60}(?:not available|unavailable|unreachable)/,
    meaning: { why: 'peers' },
  },
  // Galera, MySQL group replication
  {
    pattern: /It may not be safe to bootstrap the cluster from this node|safe_to_bootstrap/,
    meaning: { why: 'bootstrap', isProof: true },
  },
  {
    pattern:
      /WSREP: (?:failed to open gcomm|gcs connect failed|Failed to (?:prepare for|read)|wsrep::connect\([^)]{0,200}\) failed|no nodes coming from prim view|State transfer|Requested state[^\n]{0,40}(?:failed|impossible)|Local state UUID[^\n]{0,120}differ|Will never receive state|SST (?:failed|request failed)|Process was aborted)|failed to reach primary view/,
    meaning: { why: 'bootstrap' },
  },
  {
    pattern:
      /member was unable to join the group|contains transactions not present in the group|more executed transactions than those present in the group|Timeout on wait for view after joining group|\[GCS\][^\n]{0,120}(?:Error|unable|failed|refused)|group replication[^\n]{0,60}(?:unable|failed|cannot) (?:to )?(?:start|join)/i,
    meaning: { why: 'bootstrap' },
  },
  // etcd, Consul, Nomad, Vault, k3s
  {
    pattern: /[Cc]luster cannot be recovered|[Dd]isaster recovery is disabled|[Cc]luster not responding/,
    meaning: removed,
  },
  {
    pattern:
      /member \w{1,32} has already been bootstrapped|member has been permanently removed from the cluster|the member has been removed|member count (?:of the cluster )?is unequal|etcd cluster join failed|duplicate node name found|member[^\n]{0,40} already exists? in (?:the )?cluster|failed to find member \w{1,32} in raft group/,
    meaning: removed,
  },
  {
    pattern:
      /cluster ?ID[- _]?mismatch|mismatch(?:ed)? cluster ?ID|cluster ID[^\n]{0,80}(?:does not match|doesn't match|mismatch|differs|!=)|clusterID[^\n]{0,40}mismatch|streaming request ignored \((?:cluster )?ID mismatch|request ignored[^\n]{0,40}cluster ID/i,
    meaning: identity,
  },
  {
    pattern:
      /couldn't find local name "[^"]{0,100}" in the initial cluster|error validating peerURLs|has different advertised URLs|--initial-cluster (?:has|must include|is)|unmatched member while checking PeerURLs|discovery failed|no remote member found/,
    meaning: config,
  },
  {
    pattern:
      /refusing to rejoin cluster|conflicting node ID|node (?:is )?already in (?:the )?cluster|[Ff]ailed to join \d|server_rejoin_age_max|[Ff]ailed to join(?: (?:any|the) )?(?:cluster|raft|nodes?|members?|peers?|serf|gossip|memberlist|ring|group|\d{1,3} (?:cluster )?nodes?)\b|failed to join (?:raft|Raft) (?:cluster|group)|failed joining|unable to join (?:the )?(?:cluster|gossip|raft|group|ring)|(?:could not|couldn't|cannot|can't|can not) (?:re)?join (?:the )?(?:cluster|gossip|raft|group|ring|quorum)|join(?:ing)? (?:the )?(?:existing )?cluster (?:has )?failed|[Ee]rror joining (?:the )?(?:\w{1,20} )?(?:cluster|node|group|peers?)/,
    meaning: { why: 'peers' },
  },
  {
    pattern:
      /etcdserver: (?:no leader|not enough started members|unhealthy cluster|re-configuration failed)|(?:lost|no|without|insufficient|not enough members? for|waiting for|failed to (?:reach|achieve|establish)|cannot (?:reach|form|establish)) (?:a )?quorum|quorum (?:is )?(?:lost|not (?:reached|met|available))|[Nn]o cluster leader|not (?:part of|in) (?:the )?quorum|(?:cannot|could not) find (?:a )?quorum|did not find the Leader|no (?:known |elected )?(?:leader|master|primary) (?:elected|found|available|could be)|cluster has no leader/,
    meaning: { why: 'peers' },
  },
  // Redis
  {
    pattern:
      /Not all 16384 slots are covered|CLUSTERDOWN|[Nn]ode \S{1,100} is not empty|Nodes don't agree about configuration|[Nn]ode already knows other nodes|All 16384 slots|slots? (?:in migrating|in importing|not covered)|ERR Invalid node address specified|Unable to connect to (?:any )?(?:sentinel|cluster)|IDONTKNOW|Cluster (?:is )?not (?:initialised|initialized|configured|in (?:a )?(?:good|ok) state)|CLUSTER_?FAIL/,
    meaning: { why: 'removed' },
  },
  // RabbitMQ
  {
    pattern:
      /inconsistent_cluster|thinks it's clustered with|incompatible_feature_flags|name .{1,100} is not resolvable.{0,40}cluster|already_clustered|not_clustered/i,
    meaning: identity,
  },
  {
    pattern:
      /Timeout contacting cluster nodes|timeout_waiting_for_(?:tables|leader|khepri|mnesia)|waiting for Mnesia tables|Waiting for (?:Khepri|Mnesia) (?:leader|tables)|failed_waiting_for_tables|Peer discovery[^\n]{0,80}(?:failed|error|could not)|[Dd]iscovery[^\n]{0,40}no (?:nodes|peers)|cluster formation[^\n]{0,60}(?:failed|error)/,
    meaning: { why: 'peers', isProof: true },
  },
  // MongoDB
  {
    pattern:
      /Our replica set ID did not match|replica set IDs do not match|InvalidReplicaSetConfig|NewReplicaSetConfigurationIncompatible|No host described in new configuration|(?:Locally stored )?replica set config(?:uration)?[^\n]{0,120}(?:not find self|does not (?:match|contain)|invalid|incompatible)|REMOVED state|removed from (?:the )?replica set|does not match the (?:set|replica set) name|set name[^\n]{0,60}does not match|ShardIdentity|shard identity|already (?:been )?initialized with a different (?:replica )?set|replSetReconfig/,
    meaning: { why: 'config' },
  },
  {
    pattern:
      /NotYetInitialized|no replset config has been received|NotPrimaryNoSecondaryOk|ReplicaSetNoPrimary|No primary (?:detected|found|available) (?:for|in) (?:the )?(?:replica )?set|No replica set members (?:match|found)/,
    meaning: { why: 'peers' },
    // What a client knows of the set when it gives up: why is said before.
    except: /TopologyDescription|topology_type|Client view of cluster state/,
  },
  // Elasticsearch, OpenSearch
  {
    pattern:
      /different cluster uuid|cluster (?:UUID|uuid)[^\n]{0,60}(?:differ|mismatch|does not match)|same id but is a different node instance|found existing node[^\n]{0,80}with the same id|failed to (?:send join request|join)[^\n]{0,80}(?:master|\{)|can't add node|node is (?:already )?locked into cluster/,
    meaning: identity,
  },
  {
    pattern:
      /master[_ ]not[_ ]discovered|MasterNotDiscovered|master not discovered (?:or elected )?yet|no (?:active )?(?:master|cluster[- ]manager) (?:node )?(?:found|discovered|elected)|cluster[_ ]manager[_ ]not[_ ]discovered|ClusterBlockException[^\n]{0,80}(?:no master|state not recovered)|not enough master nodes/,
    meaning: { why: 'peers' },
  },
  // Cassandra, ScyllaDB
  {
    pattern:
      /Saved cluster name [^\n]{1,100} != configured name|(?:A )?[Nn]ode with (?:address|the same IP|id) \S{1,100} (?:already exists|is already)|already exists, cancelling join|Cannot (?:bootstrap|replace)[^\n]{0,60}(?:live|existing|already|node)|(?:cluster|raft|ring)\b[^\n]{0,40}already bootstrapped|replace_address|replace_node_first_boot|bootstrapping\/leaving\/moving nodes detected|is already (?:in|part of) the (?:ring|cluster)|[Hh]ost ?ID collision|This node was decommissioned|Host ID[^\n]{0,60}(?:mismatch|already)|removed from the cluster/,
    meaning: removed,
    except: /user|account|client|ip was/i,
  },
  {
    pattern:
      /Unable to (?:gossip with|contact) any (?:peers|seeds)|Unable to find any seeds|no seeds? (?:found|available|reachable)|failed to get (?:any )?(?:seed|peer)|No seeds/,
    meaning: { why: 'peers' },
  },
  // PostgreSQL managers, CockroachDB, TiDB, ClickHouse, MinIO, HDFS, Pulsar, and others
  {
    pattern:
      /system (?:ID|identifier)[^\n]{0,60}(?:mismatch|differs|does not match)|database system identifier differs|belongs to a different cluster|belongs to (?:another|other) cluster|(?:is )?attempting to connect to a gossip network for cluster|(?:client|node) cluster ID \S{1,60} doesn't match|node belongs to cluster|part of (?:a )?different cluster|from (?:a )?(?:different|another) cluster/i,
    meaning: identity,
  },
  {
    pattern:
      /Incompatible clusterIDs|Incompatible namespaceIDs|InvalidCookieException|[Cc]ookie[^\n]{0,60}(?:mismatch|does not match|not matching)|duplicated? store address|store[^\n]{0,40}tombstone|member (?:has been |was |is )deleted|local (?:cluster )?id \S{1,60} != |node[ _](?:ID|id|name)[^\n]{0,60}(?:already (?:exists|registered|taken|in use)|is taken|conflict)|[Dd]uplicate(?:d)? (?:node|member|server|broker|peer|host) ?(?:id|name|ID)/,
    meaning: identity,
    except: /\bport|session cookie|cookie file|HTTP/i,
  },
  {
    pattern:
      /Expected storage endpoints|inconsistent (?:number of )?(?:drives|disks)|Waiting for all (?:other )?(?:MinIO )?(?:servers|sub-systems|nodes)|format\.json[^\n]{0,80}(?:mismatch|inconsistent)|drives? (?:are|is) already being used in another erasure deployment|[Rr]ead quorum|[Ww]rite quorum/,
    meaning: { why: 'peers' },
  },
  {
    pattern:
      /(?:pgpool|repmgr)[^\n]{0,60}(?:no primary|unable to find|not registered)|[Ff]ollower[^\n]{0,40}(?:cannot|could not|unable)[^\n]{0,20}primary|wal (?:receiver|timeline)[^\n]{0,60}(?:does not|not match)|requested timeline \d{1,9} is not a child|highest timeline \d{1,9} of the primary is behind|timeline[^\n]{0,40}(?:diverged|mismatch)|requested (?:WAL segment \w{1,40} has already been removed|starting point[^\n]{0,80}is ahead)/,
    meaning: { why: 'identity' },
  },
  {
    pattern:
      /(?:cluster|ring|mesh|gossip|raft|quorum) (?:member(?:ship)?|peer|node)s?[^\n]{0,60}(?:mismatch|conflict|not found|unknown|invalid|rejected|denied)|split[- ]brain|(?:join|bootstrap)(?:ing)? (?:the )?(?:cluster|node)[^\n]{0,60}(?:failed|error|timed out|rejected|denied)/i,
    meaning: { why: 'peers' },
    except: /probe failed/,
  },
];
