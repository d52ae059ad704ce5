//! `kafka-broker-api-versions.sh`: `BrokerApiVersionsCommand` of Kafka's tools, with what it prints. The
//! same is `kafka-cluster.sh api-versions`.

use highwater_cluster::program::Program;
use highwater_cluster::protocol::messages::describe_cluster_response::DescribeClusterBroker;

use crate::admin::{Admin, Server};
use crate::command::Says;
use crate::options::Opt;
use crate::programs::jopt::{self, Refused, refused_with_usage};
use crate::programs::{calls, servers};
use crate::script::{Halt, Io, Script, caught, process};
use crate::words::Word;

/// All options, in the order in which the help lists them.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::text(
        "--bootstrap-server",
        "String: server(s) to use for bootstrapping",
        "REQUIRED: The brokers to connect to.",
    ),
    Opt::text(
        "--command-config",
        "String: command config property file",
        "A file of settings of the admin client.",
    ),
    Opt::flag("--help", "Print this."),
    Opt::flag("--version", "Print Kafka's version."),
];

const ABOUT: &str = "This tool helps to retrieve broker version information.";
const DEPRECATED: &str = "WARNING: kafka-broker-api-versions.sh is deprecated and will be removed in the next major release. Use \
                          'kafka-cluster.sh api-versions' instead.";

/// An API: its name, its key, and its oldest and newest version; none where the broker has no such
/// plugin.
type Api = (&'static str, i16, Option<(i16, i16)>);

/// The APIs of the Kafka that is simulated, as its broker and its tools know them.
const APIS: &[Api] = &[
    ("Produce", 0, Some((0, 13))),
    ("Fetch", 1, Some((4, 18))),
    ("ListOffsets", 2, Some((1, 11))),
    ("Metadata", 3, Some((0, 13))),
    ("OffsetCommit", 8, Some((2, 10))),
    ("OffsetFetch", 9, Some((1, 10))),
    ("FindCoordinator", 10, Some((0, 6))),
    ("JoinGroup", 11, Some((0, 9))),
    ("Heartbeat", 12, Some((0, 4))),
    ("LeaveGroup", 13, Some((0, 5))),
    ("SyncGroup", 14, Some((0, 5))),
    ("DescribeGroups", 15, Some((0, 6))),
    ("ListGroups", 16, Some((0, 5))),
    ("SaslHandshake", 17, Some((0, 1))),
    ("ApiVersions", 18, Some((0, 5))),
    ("CreateTopics", 19, Some((2, 7))),
    ("DeleteTopics", 20, Some((1, 6))),
    ("DeleteRecords", 21, Some((0, 2))),
    ("InitProducerId", 22, Some((0, 5))),
    ("OffsetForLeaderEpoch", 23, Some((2, 4))),
    ("AddPartitionsToTxn", 24, Some((0, 5))),
    ("AddOffsetsToTxn", 25, Some((0, 4))),
    ("EndTxn", 26, Some((0, 5))),
    ("WriteTxnMarkers", 27, Some((1, 2))),
    ("TxnOffsetCommit", 28, Some((0, 6))),
    ("DescribeAcls", 29, Some((1, 3))),
    ("CreateAcls", 30, Some((1, 3))),
    ("DeleteAcls", 31, Some((1, 3))),
    ("DescribeConfigs", 32, Some((1, 4))),
    ("AlterConfigs", 33, Some((0, 2))),
    ("AlterReplicaLogDirs", 34, Some((1, 2))),
    ("DescribeLogDirs", 35, Some((1, 5))),
    ("SaslAuthenticate", 36, Some((0, 2))),
    ("CreatePartitions", 37, Some((0, 3))),
    ("CreateDelegationToken", 38, Some((1, 3))),
    ("RenewDelegationToken", 39, Some((1, 2))),
    ("ExpireDelegationToken", 40, Some((1, 2))),
    ("DescribeDelegationToken", 41, Some((1, 3))),
    ("DeleteGroups", 42, Some((0, 3))),
    ("ElectLeaders", 43, Some((0, 2))),
    ("IncrementalAlterConfigs", 44, Some((0, 1))),
    ("AlterPartitionReassignments", 45, Some((0, 1))),
    ("ListPartitionReassignments", 46, Some((0, 0))),
    ("OffsetDelete", 47, Some((0, 0))),
    ("DescribeClientQuotas", 48, Some((0, 1))),
    ("AlterClientQuotas", 49, Some((0, 1))),
    ("DescribeUserScramCredentials", 50, Some((0, 0))),
    ("AlterUserScramCredentials", 51, Some((0, 0))),
    ("DescribeQuorum", 55, Some((0, 2))),
    ("UpdateFeatures", 57, Some((0, 2))),
    ("DescribeCluster", 60, Some((0, 2))),
    ("DescribeProducers", 61, Some((0, 0))),
    ("UnregisterBroker", 64, Some((0, 0))),
    ("DescribeTransactions", 65, Some((0, 0))),
    ("ListTransactions", 66, Some((0, 2))),
    ("ConsumerGroupHeartbeat", 68, Some((0, 1))),
    ("ConsumerGroupDescribe", 69, Some((0, 1))),
    ("GetTelemetrySubscriptions", 71, None),
    ("PushTelemetry", 72, None),
    ("ListConfigResources", 74, Some((0, 1))),
    ("DescribeTopicPartitions", 75, Some((0, 0))),
    ("ShareGroupHeartbeat", 76, Some((1, 1))),
    ("ShareGroupDescribe", 77, Some((1, 1))),
    ("ShareFetch", 78, Some((1, 2))),
    ("ShareAcknowledge", 79, Some((1, 2))),
    ("AddRaftVoter", 80, Some((0, 1))),
    ("RemoveRaftVoter", 81, Some((0, 0))),
    ("InitializeShareGroupState", 83, Some((0, 0))),
    ("ReadShareGroupState", 84, Some((0, 0))),
    ("WriteShareGroupState", 85, Some((0, 1))),
    ("DeleteShareGroupState", 86, Some((0, 0))),
    ("ReadShareGroupStateSummary", 87, Some((0, 1))),
    ("StreamsGroupHeartbeat", 88, Some((0, 1))),
    ("StreamsGroupDescribe", 89, Some((0, 1))),
    ("DescribeShareGroupOffsets", 90, Some((0, 1))),
    ("AlterShareGroupOffsets", 91, Some((0, 0))),
    ("DeleteShareGroupOffsets", 92, Some((0, 0))),
    ("StreamsGroupTopologyDescriptionUpdate", 93, Some((0, 0))),
    ("UnregisterController", 94, Some((0, 0))),
];

/// The process for `kafka-broker-api-versions.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match read(words) {
        Ok(servers) => process(ApiVersions, Admin::new(servers)),
        Err(mut refused) => {
            refused.errors.insert(0, DEPRECATED.to_owned());
            Says::refused(refused)
        }
    }
}

/// The command while it runs.
#[derive(Clone, Copy, Debug)]
struct ApiVersions;

impl Script for ApiVersions {
    fn run(&self, io: &mut Io<'_, '_>) -> Result<i32, Halt> {
        io.print_error(DEPRECATED);
        match caught(calls::cluster(io, false))? {
            Ok(cluster) => {
                print(io, &cluster.brokers);
                Ok(0)
            }
            Err(failure) => {
                io.print_error(&failure.message);
                io.print_error(&failure.to_string());
                Ok(1)
            }
        }
    }
}

/// What each broker has.
pub(crate) fn print(io: &mut Io<'_, '_>, brokers: &[DescribeClusterBroker]) {
    for broker in brokers {
        let (host, port, id) = (&*broker.host, broker.port, broker.broker_id.0);
        let rack = broker.rack.as_deref().unwrap_or("null");
        let fenced = broker.is_fenced;
        io.print(&format!("{host}:{port} (id: {id} rack: {rack} isFenced: {fenced}) -> ("));
        for (place, (name, key, versions)) in APIS.iter().enumerate() {
            let versions = match versions {
                None => "UNSUPPORTED".to_owned(),
                Some((oldest, newest)) if oldest == newest => {
                    format!("{oldest} [usable: {newest}]")
                }
                Some((oldest, newest)) => format!("{oldest} to {newest} [usable: {newest}]"),
            };
            let comma = if place + 1 < APIS.len() { "," } else { "" };
            io.print(&format!("\t{name}({key}): {versions}{comma}"));
        }
        io.print(")");
    }
    io.print_error(
        "Highwater: these are the APIs of the Kafka that is simulated; which of them real clients find here, docs/clients.md tells",
    );
}

fn read(words: &[Word]) -> Result<Vec<Server>, Refused> {
    let given = jopt::read(OPTIONS, words, ABOUT, |_, message| message.to_owned())?;
    let Some(list) = given.text("--bootstrap-server") else {
        let missing = "Missing required argument \"[bootstrap-server]\"";
        return Err(refused_with_usage(OPTIONS, missing));
    };
    servers::named(list)
}
