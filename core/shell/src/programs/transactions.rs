//! `kafka-transactions.sh`: `TransactionsCommand` of Kafka's tools, with what it prints (KIP-664).

use highwater_cluster::client::names;
use highwater_cluster::ids::{TopicName, TopicPartition};
use highwater_cluster::message::{Request, Response};
use highwater_cluster::program::Program;
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::protocol::StrBytes;

use crate::admin::{Admin, To};
use crate::command::Says;
use crate::java::{KAFKA_VERSION, grown_hash_order, partition_hash};
use crate::options::{Given, Opt};
use crate::programs::argparse::{Command, Parsed, Parser};
use crate::programs::calls::groups::{Coordinator, coordinated_by};
use crate::programs::calls::{self, ask};
use crate::programs::{servers, table};
use crate::script::{Failure, Halt, Io, Script, caught, process};
use crate::words::Word;

mod abort;
mod hanging;
mod producers;

/// Whole numbers of Java's.
const INTEGER: (i64, i64) = (i32::MIN as i64, i32::MAX as i64);
const LONG: (i64, i64) = (i64::MIN, i64::MAX);
/// `FindCoordinator`'s type of key for a transactional id.
const TRANSACTION: i8 = 1;

/// The options before the command.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::flag("-v", "Print Kafka's version.").aliases(&["--version"]),
    Opt::text("--command-config", "FILE", "A file of settings of the admin client."),
    Opt::text("--bootstrap-server", "host:port", "The brokers to ask, separated by commas.")
        .required(),
];

/// The tool's arguments.
pub(crate) static PARSER: Parser = Parser {
    program: "kafka-transactions.sh",
    about: "Tells which transactions there are and which of them hang, and ends those.",
    options: OPTIONS,
    one_of: &[],
    metavar: "COMMAND",
    commands: &[
        Command {
            name: "list",
            help: "Lists the transactions that the coordinators know.",
            options: &[
                Opt::integer(
                    "--duration-filter",
                    "DURATION_FILTER",
                    LONG,
                    "Only those that have run longer than that, in milliseconds.",
                ),
                Opt::text(
                    "--transactional-id-pattern",
                    "TRANSACTIONAL_ID_PATTERN",
                    "Only those whose transactional id matches this regular expression.",
                ),
            ],
            one_of: &[],
        },
        Command {
            name: "describe",
            help: "Tells the state of one transactional id.",
            options: &[Opt::text(
                "--transactional-id",
                "TRANSACTIONAL_ID",
                "The transactional id.",
            )
            .required()],
            one_of: &[],
        },
        Command {
            name: "describe-producers",
            help: "Tells which producers write to a partition, and where an open transaction of theirs begins.",
            options: &[
                Opt::integer(
                    "--broker-id",
                    "BROKER_ID",
                    INTEGER,
                    "Ask this replica in place of the leader.",
                ),
                Opt::text("--topic", "TOPIC", "The topic.").required(),
                Opt::integer("--partition", "PARTITION", INTEGER, "The partition.").required(),
            ],
            one_of: &[],
        },
        Command {
            name: "abort",
            help: "Aborts a transaction that hangs.",
            options: &[
                Opt::text("--topic", "TOPIC", "The topic.").required(),
                Opt::integer("--partition", "PARTITION", INTEGER, "The partition.").required(),
                Opt::integer(
                    "--start-offset",
                    "START_OFFSET",
                    LONG,
                    "Where the transaction begins, as find-hanging tells.",
                ),
                Opt::integer(
                    "--producer-id",
                    "PRODUCER_ID",
                    LONG,
                    "In place of the offset: the producer's id,",
                ),
                Opt::integer(
                    "--producer-epoch",
                    "PRODUCER_EPOCH",
                    (i16::MIN as i64, i16::MAX as i64),
                    "its epoch,",
                ),
                Opt::integer(
                    "--coordinator-epoch",
                    "COORDINATOR_EPOCH",
                    INTEGER,
                    "and the coordinator's epoch.",
                ),
            ],
            one_of: &[],
        },
        Command {
            name: "find-hanging",
            help: "Finds transactions that are open in a partition but unknown to every coordinator.",
            options: &[
                Opt::integer(
                    "--broker-id",
                    "BROKER_ID",
                    INTEGER,
                    "Only partitions with a replica on this broker, which is asked.",
                ),
                Opt::integer(
                    "--max-transaction-timeout",
                    "MAX_TRANSACTION_TIMEOUT",
                    INTEGER,
                    "Only those that are older than that, in minutes; 15 if not given.",
                ),
                Opt::text("--topic", "TOPIC", "Only in this topic."),
                Opt::integer(
                    "--partition",
                    "PARTITION",
                    INTEGER,
                    "Only in this partition of the topic.",
                ),
            ],
            one_of: &[],
        },
        Command {
            name: "forceTerminateTransaction",
            help: "Ends the open transaction of a transactional id, whoever it belongs to.",
            options: &[Opt::text("--transactionalId", "TRANSACTIONALID", "The transactional id.")
                .required()],
            one_of: &[],
        },
    ],
};

/// The process for `kafka-transactions.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    if words.iter().any(|word| matches!(word.text.as_str(), "-v" | "--version")) {
        return Says::lines([KAFKA_VERSION.to_owned()]);
    }
    let read = PARSER.read(words).and_then(|parsed| {
        let servers = servers::named(parsed.main.text("--bootstrap-server").unwrap_or_default())?;
        Ok((parsed, servers))
    });
    match read {
        Ok((parsed, servers)) => process(Transactions { parsed }, Admin::new(servers)),
        Err(refused) => Says::refused(refused),
    }
}

/// The command while it runs.
#[derive(Clone, Debug)]
struct Transactions {
    parsed: Parsed,
}

impl Script for Transactions {
    fn run(&self, io: &mut Io<'_, '_>) -> Result<i32, Halt> {
        let given = &self.parsed.own;
        match self.parsed.command {
            "list" => list(io, given)?,
            "describe" => describe(io, given)?,
            "describe-producers" => producers::describe(io, given)?,
            "abort" => abort::abort(io, given)?,
            "find-hanging" => hanging::find(io, given)?,
            _ => force_terminate(io, given)?,
        }
        Ok(0)
    }
}

/// `printErrorAndExit`, with what went wrong.
fn fail_with<T>(io: &mut Io<'_, '_>, what: &str, failure: &Failure) -> Result<T, Halt> {
    let message = &failure.message;
    fail(io, &format!("{what}: {message}. Enable debug logging for additional detail."))
}

/// `printErrorAndExit`
fn fail<T>(io: &mut Io<'_, '_>, message: &str) -> Result<T, Halt> {
    io.print_error(message);
    Err(Halt::Exit(1))
}

fn list(io: &mut Io<'_, '_>, given: &Given) -> Result<(), Halt> {
    let request = kafka::ListTransactionsRequest::default()
        .with_duration_filter(given.integer("--duration-filter").unwrap_or(-1))
        .with_transactional_id_pattern(
            given
                .text("--transactional-id-pattern")
                .map(|text| StrBytes::from_string(text.to_owned())),
        );
    let listed = match caught(list_all(io, &request))? {
        Ok(listed) => listed,
        Err(failure) => return fail_with(io, "Failed to list transactions", &failure),
    };
    let rows: Vec<[String; 4]> = listed
        .iter()
        .map(|Listed { id, coordinator, producer_id, state }| {
            [id.clone(), coordinator.to_string(), producer_id.to_string(), state.clone()]
        })
        .collect();
    table::print(io, ["TransactionalId", "Coordinator", "ProducerId", "TransactionState"], &rows);
    Ok(())
}

/// A transaction as a coordinator lists it.
#[derive(Clone, Debug)]
struct Listed {
    id: String,
    coordinator: i32,
    producer_id: i64,
    state: String,
}

/// `listTransactions`: what each broker coordinates.
fn list_all(
    io: &mut Io<'_, '_>,
    request: &kafka::ListTransactionsRequest,
) -> Result<Vec<Listed>, Halt> {
    let mut listed = Vec::new();
    for broker in calls::brokers(io)? {
        let name = "listTransactions(api=LIST_TRANSACTIONS)";
        let to = To::Broker(broker);
        let mut tries = 0;
        let body = loop {
            let body = ask!(io, name, request.clone(), to => ListTransactions);
            match ResponseError::try_from_code(body.error_code) {
                None => break body,
                Some(ResponseError::CoordinatorLoadInProgress) => io.back_off(tries)?,
                Some(error) => return Err(Failure::of(error, None).into()),
            }
            tries += 1;
        };
        listed.extend(body.transaction_states.iter().map(|transaction| Listed {
            id: transaction.transactional_id.to_string(),
            coordinator: broker.0,
            producer_id: transaction.producer_id.0,
            state: transaction.transaction_state.to_string(),
        }));
    }
    Ok(listed)
}

/// `TransactionDescription`
struct Described {
    coordinator: Coordinator,
    state: kafka::describe_transactions_response::TransactionState,
    partitions: Vec<TopicPartition>,
}

/// `describeTransactions` of one transactional id.
fn describe_one(io: &mut Io<'_, '_>, id: &str) -> Result<Described, Halt> {
    let wire = kafka::TransactionalId(StrBytes::from_string(id.to_owned()));
    let request = kafka::DescribeTransactionsRequest::default().with_transactional_ids(vec![wire]);
    let api = ("describeTransactions", "DESCRIBE_TRANSACTIONS");
    let (coordinator, response) =
        coordinated_by(io, TRANSACTION, id, api, &Request::from(request))?;
    let Response::DescribeTransactions(body) = response else {
        unreachable!("nothing else was asked")
    };
    let state = body.transaction_states.first().cloned().unwrap_or_default();
    if let Some(error) = ResponseError::try_from_code(state.error_code) {
        return Err(Failure::of(error, None).into());
    }
    let mut partitions: Vec<TopicPartition> = Vec::new();
    for topic in &state.topics {
        let name: TopicName = names::from_kafka(&topic.topic);
        partitions.extend(topic.partitions.iter().map(|index| TopicPartition::new(&name, *index)));
    }
    grown_hash_order(&mut partitions, partition_hash);
    Ok(Described { coordinator, state, partitions })
}

fn describe(io: &mut Io<'_, '_>, given: &Given) -> Result<(), Halt> {
    let id = given.text("--transactional-id").unwrap_or_default();
    let Described { coordinator, state, partitions } = match caught(describe_one(io, id))? {
        Ok(described) => described,
        Err(failure) => {
            let what = format!("Failed to describe transaction state of transactional-id `{id}`");
            return fail_with(io, &what, &failure);
        }
    };
    let (_, now) = io.now()?;
    let started_ms = state.transaction_start_time_ms;
    let none = || "None".to_owned();
    let (start, duration) = match started_ms >= 0 {
        true => (started_ms.to_string(), (now.0 - started_ms).to_string()),
        false => (none(), none()),
    };
    let partitions: Vec<String> = partitions.iter().map(ToString::to_string).collect();
    let head = [
        "CoordinatorId",
        "TransactionalId",
        "ProducerId",
        "ProducerEpoch",
        "TransactionState",
        "TransactionTimeoutMs",
        "CurrentTransactionStartTimeMs",
        "TransactionDurationMs",
        "TopicPartitions",
    ];
    let row = [
        coordinator.id.to_string(),
        id.to_owned(),
        state.producer_id.0.to_string(),
        state.producer_epoch.to_string(),
        state.transaction_state.to_string(),
        state.transaction_timeout_ms.to_string(),
        start,
        duration,
        partitions.join(","),
    ];
    table::print(io, head, &[row]);
    Ok(())
}

/// Ends a transaction as a new producer of its transactional id would (KIP-939).
fn force_terminate(io: &mut Io<'_, '_>, given: &Given) -> Result<(), Halt> {
    let id = given.text("--transactionalId").unwrap_or_default();
    let deadline = io.deadline()?;
    for tries in 0.. {
        let request = kafka::InitProducerIdRequest::default()
            .with_transactional_id(Some(kafka::TransactionalId(StrBytes::from_string(
                id.to_owned(),
            ))))
            .with_transaction_timeout_ms(60_000)
            .with_producer_id(kafka::ProducerId(-1))
            .with_producer_epoch(-1);
        let api = ("fenceProducer", "INIT_PRODUCER_ID");
        let asked = coordinated_by(io, TRANSACTION, id, api, &Request::from(request));
        let error = match caught(asked)? {
            Ok((_, Response::InitProducerId(body))) => {
                ResponseError::try_from_code(body.error_code)
            }
            Ok((_, other)) => unreachable!("nothing was asked that {:?} answers", other.api_key()),
            Err(failure) => {
                let what = format!("Failed to force terminate transactionalId `{id}`");
                return fail_with(io, &what, &failure);
            }
        };
        let Some(error) = error else { return Ok(()) };
        let (now, _) = io.now()?;
        // While the transaction is being ended, the coordinator asks to come again.
        let passes = highwater_cluster::client::errors::is_retriable(error);
        if !passes || now >= deadline {
            let what = format!("Failed to force terminate transactionalId `{id}`");
            return fail_with(io, &what, &Failure::of(error, None));
        }
        io.back_off(tries)?;
    }
    unreachable!("the deadline comes")
}
