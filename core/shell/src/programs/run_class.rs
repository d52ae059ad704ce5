//! `kafka-run-class.sh`: runs a tool by the name of its class, as people do who know no script for it.

use highwater_cluster::program::Program;

use crate::command::{Says, start_words};
use crate::words::Word;

/// The classes of tools that are there, with their scripts.
const CLASSES: &[(&str, &str)] = &[
    ("kafka.tools.DumpLogSegments", "kafka-dump-log"),
    ("org.apache.kafka.tools.DumpLogSegments", "kafka-dump-log"),
    ("org.apache.kafka.tools.GetOffsetShell", "kafka-get-offsets"),
    ("org.apache.kafka.tools.TopicCommand", "kafka-topics"),
    ("org.apache.kafka.tools.ConfigCommand", "kafka-configs"),
    ("org.apache.kafka.tools.DeleteRecordsCommand", "kafka-delete-records"),
    ("org.apache.kafka.tools.GroupsCommand", "kafka-groups"),
    ("org.apache.kafka.tools.LeaderElectionCommand", "kafka-leader-election"),
    ("org.apache.kafka.tools.LogDirsCommand", "kafka-log-dirs"),
    ("org.apache.kafka.tools.TransactionsCommand", "kafka-transactions"),
    ("org.apache.kafka.tools.ClusterTool", "kafka-cluster"),
    ("org.apache.kafka.tools.FeatureCommand", "kafka-features"),
    ("org.apache.kafka.tools.MetadataQuorumCommand", "kafka-metadata-quorum"),
    ("org.apache.kafka.tools.BrokerApiVersionsCommand", "kafka-broker-api-versions"),
    ("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", "kafka-consumer-groups"),
    ("org.apache.kafka.tools.reassign.ReassignPartitionsCommand", "kafka-reassign-partitions"),
];

/// The process for `kafka-run-class.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    let Some((first, arguments)) = words.split_first() else {
        return Says::lines([
            "USAGE: kafka-run-class.sh [-daemon] [-name servicename] [-loggc] classname [opts]"
                .to_owned(),
        ]);
    };
    let class = first.text.as_str();
    if let Some((_, tool)) = CLASSES.iter().find(|(name, _)| *name == class) {
        let tool = Word { text: (*tool).to_owned(), ..first.clone() };
        return start_words([tool].into_iter().chain(arguments.iter().cloned()).collect());
    }
    let mut lines = vec![
        format!("Error: Could not find or load main class {class}"),
        format!("Caused by: java.lang.ClassNotFoundException: {class}"),
    ];
    // Until Kafka 3 the tools' classes were in another package.
    let name = class.rsplit('.').next().unwrap_or(class);
    let moved = CLASSES.iter().rfind(|(now, _)| now.rsplit('.').next() == Some(name));
    if let Some((_, tool)) = moved {
        lines.push(format!("Highwater: this tool is {tool}.sh"));
    }
    Says::errors(1, lines)
}
