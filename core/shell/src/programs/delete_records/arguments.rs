//! The arguments of `kafka-delete-records.sh`, and the file that they name.

use highwater_cluster::ids::{TopicName, TopicPartition};
use highwater_cluster::log::Offset;
use serde_json::Value;

use crate::admin::Server;
use crate::java::KAFKA_VERSION;
use crate::options::{Operands, Opt, parse};
use crate::programs::jopt::{self, Refused, refused};
use crate::programs::servers;
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
        "String: command config property file path",
        "A file of settings of the admin client.",
    ),
    Opt::flag("--help", "Print this."),
    Opt::text(
        "--offset-json-file",
        "String: Offset json file path",
        "REQUIRED: The file that names, for each partition, the offset before which records are deleted.",
    ),
    Opt::flag("--version", "Print Kafka's version."),
];

const SHAPE: &str = r#"Highwater: the file looks like {"partitions":[{"topic":"orders","partition":0,"offset":3}],"version":1}"#;

/// The arguments, read.
#[derive(Clone, Debug)]
pub(super) struct Arguments {
    pub(super) servers: Vec<Server>,
    pub(super) file: String,
}

/// Reads the arguments.
pub(super) fn read(words: &[Word]) -> Result<Arguments, Refused> {
    if words.is_empty() {
        return Err(refused_with_usage(
            "This tool helps to delete records of the given partitions down to the specified offset.",
        ));
    }
    let given =
        parse(OPTIONS, Operands::Accepted, words).map_err(|error| refused(error.to_string()))?;
    if given.has("--help") {
        return Err(refused_with_usage(
            "This tool helps to delete records of the given partitions down to the specified offset.",
        ));
    }
    if given.has("--version") {
        return Err(Refused { output: vec![KAFKA_VERSION.to_owned()], ..Refused::default() });
    }
    let required = |name: &str| {
        given.text(name).ok_or_else(|| {
            let bare = name.trim_start_matches('-');
            refused_with_usage(&format!("Missing required argument \"[{bare}]\""))
        })
    };
    let (servers, file) = (required("--bootstrap-server")?, required("--offset-json-file")?);
    let servers = servers::named(servers)?;
    Ok(Arguments { servers, file: file.to_owned() })
}

/// Reads what the file says: for each partition the offset before which its records are deleted, -1 for all. The error is
/// what the tool prints to standard error.
pub(super) fn read_offsets(content: &[u8]) -> Result<Vec<(TopicPartition, Offset)>, Vec<String>> {
    let wrong = |class: &str, message: &str| {
        vec![format!("Error: {message}"), format!("{class}: {message}"), SHAPE.to_owned()]
    };
    let unreadable =
        |message: &str| wrong("org.apache.kafka.server.common.AdminOperationException", message);
    let json: Value = serde_json::from_slice(content)
        .map_err(|_| unreadable("The input string is not a valid JSON"))?;
    let version = json.get("version").map_or(Some(1), Value::as_i64);
    if version != Some(1) {
        let shown = json.get("version").map_or_else(String::new, ToString::to_string);
        return Err(unreadable(&format!("Not supported version field value {shown}")));
    }
    let Some(partitions) = json.get("partitions").and_then(Value::as_array) else {
        return Err(unreadable("Missing partitions field"));
    };
    let mut offsets: Vec<(TopicPartition, Offset)> = Vec::new();
    for entry in partitions {
        let topic = entry.get("topic").and_then(Value::as_str);
        let partition = entry.get("partition").and_then(Value::as_i64);
        let partition = partition.and_then(|number| i32::try_from(number).ok());
        let offset = entry.get("offset").and_then(Value::as_i64);
        let (Some(topic), Some(partition), Some(offset)) = (topic, partition, offset) else {
            let message = format!("{entry} names no topic, partition and offset");
            return Err(wrong("com.fasterxml.jackson.databind.JsonMappingException", &message));
        };
        let partition = TopicPartition::new(&TopicName::from(topic), partition);
        if offsets.iter().any(|(known, _)| *known == partition) {
            let message =
                format!("Offset json file contains duplicate topic partitions: {partition}");
            return Err(wrong(
                "org.apache.kafka.server.common.AdminCommandFailedException",
                &message,
            ));
        }
        offsets.push((partition, Offset(offset)));
    }
    Ok(offsets)
}

fn refused_with_usage(error: &str) -> Refused {
    jopt::refused_with_usage(OPTIONS, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &str, expected: Result<&[(&str, i64)], &str>) {
        let read = read_offsets(content.as_bytes());
        let got = read.map(|offsets| {
            let shown =
                |(partition, offset): &(TopicPartition, Offset)| (partition.to_string(), offset.0);
            offsets.iter().map(shown).collect::<Vec<_>>()
        });
        let expected = expected.map(|offsets| {
            offsets.iter().map(|(name, offset)| ((*name).to_owned(), *offset)).collect()
        });
        assert_eq!(got.map_err(|lines| lines[0].clone()), expected.map_err(str::to_owned));
    }

    #[test]
    fn offsets_are_read_from_the_file() {
        let entry = r#"{"topic":"a","partition":2,"offset":-1}"#;
        check(&format!(r#"{{"partitions":[{entry}],"version":1}}"#), Ok(&[("a-2", -1)]));
        check(r#"{"partitions":[]}"#, Ok(&[]));
        check("{", Err("Error: The input string is not a valid JSON"));
        check("[]", Err("Error: Missing partitions field"));
        check(
            r#"{"partitions":[],"version":2}"#,
            Err("Error: Not supported version field value 2"),
        );
        check(
            &format!(r#"{{"partitions":[{entry},{entry}]}}"#),
            Err("Error: Offset json file contains duplicate topic partitions: a-2"),
        );
        check(
            r#"{"partitions":[{"topic":"a","partition":3000000000,"offset":1}]}"#,
            Err(
                r#"Error: {"offset":1,"partition":3000000000,"topic":"a"} names no topic, partition and offset"#,
            ),
        );
    }
}
