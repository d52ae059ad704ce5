//! `kafka-run-class.sh`: a tool by the name of its class.

use highwater_cluster::program::Program;

use crate::command::{Says, program};
use crate::words::Word;

/// The tools by their classes.
const CLASSES: &[(&str, &str)] = &[
    ("org.apache.kafka.tools.GetOffsetShell", "kafka-get-offsets"),
    ("kafka.admin.AclCommand", "kafka-acls"),
    ("org.apache.kafka.tools.AclCommand", "kafka-acls"),
    ("org.apache.kafka.tools.TopicCommand", "kafka-topics"),
    ("org.apache.kafka.tools.ConfigCommand", "kafka-configs"),
    ("kafka.admin.ConfigCommand", "kafka-configs"),
    ("org.apache.kafka.tools.ConsoleProducer", "kafka-console-producer"),
    ("org.apache.kafka.tools.consumer.ConsoleConsumer", "kafka-console-consumer"),
    ("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", "kafka-consumer-groups"),
    ("org.apache.kafka.tools.ProducerPerformance", "kafka-producer-perf-test"),
    ("org.apache.kafka.tools.ConsumerPerformance", "kafka-consumer-perf-test"),
    ("org.apache.kafka.tools.VerifiableProducer", "kafka-verifiable-producer"),
    ("org.apache.kafka.tools.VerifiableConsumer", "kafka-verifiable-consumer"),
    ("kafka.tools.DumpLogSegments", "kafka-dump-log"),
    ("org.apache.kafka.tools.DumpLogSegments", "kafka-dump-log"),
    ("org.apache.kafka.tools.DeleteRecordsCommand", "kafka-delete-records"),
    ("org.apache.kafka.tools.GroupsCommand", "kafka-groups"),
    ("org.apache.kafka.tools.LeaderElectionCommand", "kafka-leader-election"),
    ("org.apache.kafka.tools.LogDirsCommand", "kafka-log-dirs"),
    ("org.apache.kafka.tools.TransactionsCommand", "kafka-transactions"),
    ("org.apache.kafka.tools.ClusterTool", "kafka-cluster"),
    ("org.apache.kafka.tools.FeatureCommand", "kafka-features"),
    ("org.apache.kafka.tools.MetadataQuorumCommand", "kafka-metadata-quorum"),
    ("org.apache.kafka.tools.BrokerApiVersionsCommand", "kafka-broker-api-versions"),
    ("org.apache.kafka.tools.reassign.ReassignPartitionsCommand", "kafka-reassign-partitions"),
];

/// The process for `kafka-run-class.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    let Some((class, rest)) = words.split_first() else {
        let usage =
            "USAGE: kafka-run-class.sh [-daemon] [-name servicename] [-loggc] classname [opts]";
        return Says::both(1, vec![usage.to_owned()], Vec::new());
    };
    match CLASSES.iter().find(|(name, _)| *name == class.text) {
        Some((_, tool)) => {
            let mut words = vec![Word { text: (*tool).to_owned(), ..class.clone() }];
            words.extend(rest.iter().cloned());
            program(&words)
        }
        None => {
            let name = &class.text;
            let short = name.rsplit('.').next().unwrap_or(name);
            let mut errors = vec![
                format!("Error: Could not find or load main class {name}"),
                format!("Caused by: java.lang.ClassNotFoundException: {name}"),
            ];
            let moved = CLASSES.iter().find(|(known, _)| known.ends_with(&format!(".{short}")));
            errors.extend(moved.map(|(_, tool)| {
                format!("Highwater: that class has moved; its tool is {tool}.sh")
            }));
            Says::errors(1, errors)
        }
    }
}
