//! `kafka-verifiable-consumer.sh`: reads as a member of a group, and tells what it is assigned, what it
//! reads, and what it commits.

use std::sync::Arc;

use highwater_cluster::consumer::{ConsumerCommand, ConsumerConfig, SeekTo};
use highwater_cluster::ctx::Ctx;
use highwater_cluster::embedded::ProgramConsumer;
use highwater_cluster::ids::{GroupId, TopicName, TopicPartition};
use highwater_cluster::input::Input;
use highwater_cluster::log::{Offset, Record};
use highwater_cluster::program::Program;
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::time::Span;

use super::{INTEGER, config_file, event, place, quoted, quoted_bytes};
use crate::admin::Server;
use crate::command::Says;
use crate::java::log_error;
use crate::options::{Given, Opt};
use crate::programs::argparse::Parser;
use crate::programs::clients::exception::of_consumer;
use crate::programs::clients::properties::set_all;
use crate::programs::clients::stage::Stage;
use crate::programs::jopt::Refused;
use crate::programs::servers;
use crate::script::Failure;
use crate::words::Word;

const CONFIG_FILES: [&str; 2] = ["--consumer.config", "--command-config"];

/// What it understands.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::text("--bootstrap-server", "HOST1:PORT1[,HOST2:PORT2[...]]", "The brokers to connect to."),
    Opt::text("--topic", "TOPIC", "Consumes messages from this topic.").required(),
    Opt::text("--group-protocol", "GROUP_PROTOCOL", "classic or consumer."),
    Opt::text(
        "--group-remote-assignor",
        "GROUP_REMOTE_ASSIGNOR",
        "The group's assignor, with the consumer protocol.",
    ),
    Opt::text("--group-id", "GROUP_ID", "The group that it joins.").required(),
    Opt::text("--group-instance-id", "GROUP_INSTANCE_ID", "Makes it a static member."),
    Opt::integer("--max-messages", "MAX-MESSAGES", INTEGER, "How many; -1 for no end."),
    Opt::integer("--session-timeout", "TIMEOUT_MS", INTEGER, "The consumer's session timeout."),
    Opt::flag("--verbose", "Prints each record too."),
    Opt::flag("--enable-autocommit", "Lets the consumer commit by itself."),
    Opt::text("--reset-policy", "RESETPOLICY", "'earliest', 'latest', or 'none'."),
    Opt::text(
        "--assignment-strategy",
        "ASSIGNMENTSTRATEGY",
        "The assignor, with the classic protocol.",
    ),
    Opt::text("--consumer.config", "CONFIG_FILE", "(DEPRECATED) Use --command-config instead."),
    Opt::text("--command-config", "CONFIG_FILE", "A file of settings of the consumer."),
];

static PARSER: Parser = Parser {
    program: "verifiable-consumer",
    about: "This tool consumes messages from a specific topic and emits consumer events (e.g. group rebalances, received messages, and offsets committed) as JSON objects to STDOUT.",
    options: OPTIONS,
    one_of: &["--bootstrap-server"],
    metavar: "",
    commands: &[],
};

/// The process for `kafka-verifiable-consumer.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match read(words) {
        Ok((given, servers)) => Box::new(VerifiableConsumer {
            most: given.integer("--max-messages").and_then(|most| u64::try_from(most).ok()),
            given: Arc::new(given),
            servers,
            stage: Stage::default(),
            consumed: 0,
            assigned: Vec::new(),
            committing: None,
            code: 0,
        }),
        Err(refused) => Says::refused(refused),
    }
}

fn read(words: &[Word]) -> Result<(Given, Vec<Server>), Refused> {
    let given = PARSER.read_plain(words)?;
    if CONFIG_FILES.iter().all(|option| given.has(option)) {
        let message = "Options --consumer.config and --command-config are mutually exclusive.";
        return Err(PARSER.refused(None, message));
    }
    let listed = given.text("--bootstrap-server").unwrap_or_default();
    let servers = servers::named(listed)?;
    Ok((given, servers))
}

#[derive(Clone, Debug)]
struct VerifiableConsumer {
    given: Arc<Given>,
    servers: Vec<Server>,
    /// How many records; none for no end.
    most: Option<u64>,
    stage: Stage<ProgramConsumer>,
    consumed: u64,
    /// The partitions that it was last told of.
    assigned: Vec<TopicPartition>,
    /// What is being committed.
    committing: Option<Vec<(TopicPartition, Offset)>>,
    code: i32,
}

/// What a poll brought of one partition.
struct Batch {
    partition: TopicPartition,
    records: Vec<Arc<Record>>,
}

impl VerifiableConsumer {
    fn begin(&mut self, ctx: &mut Ctx<'_>) {
        let config = match self.config(ctx) {
            Ok(config) => config,
            Err(error) => {
                ctx.print_error(&error);
                return ctx.exit(1);
            }
        };
        event(ctx, "startup_complete", "");
        let (id, group) = (&config.client_id, &config.group);
        let who = format!("[Consumer clientId={id}, groupId={group}]");
        self.stage.look(ctx, &self.servers, &who, config);
    }

    fn config(&self, ctx: &mut Ctx<'_>) -> Result<ConsumerConfig, String> {
        let given = &*self.given;
        let mut all = config_file(ctx, given, CONFIG_FILES)?;
        let mut put = |name: &str, value: &str| all.push((name.to_owned(), value.to_owned()));
        let protocol = given.text("--group-protocol").unwrap_or("classic");
        if protocol.eq_ignore_ascii_case("consumer") {
            put("group.protocol", protocol);
            if let Some(assignor) = given.text("--group-remote-assignor") {
                put("group.remote.assignor", assignor);
            }
        } else {
            let range = "org.apache.kafka.clients.consumer.RangeAssignor";
            let assignor = given.text("--assignment-strategy").unwrap_or(range);
            put("partition.assignment.strategy", assignor);
            let session = given.integer("--session-timeout").unwrap_or(30_000);
            put("session.timeout.ms", &session.to_string());
        }
        if let Some(instance) = given.text("--group-instance-id") {
            put("group.instance.id", instance);
        }
        put("enable.auto.commit", if given.has("--enable-autocommit") { "true" } else { "false" });
        put("auto.offset.reset", given.text("--reset-policy").unwrap_or("earliest"));
        let group = given.text("--group-id").unwrap_or_default();
        let name = format!("consumer-{group}-1");
        let topic = TopicName::from(given.text("--topic").unwrap_or_default());
        let mut config = ConsumerConfig::new(&name, &GroupId::from(group), vec![topic]);
        config.poll_interval = Span::ZERO;
        all.retain(|(name, _)| name != "group.id");
        let notes = set_all(&all, |name, value| config.set(name, value))?;
        config.check()?;
        notes.iter().for_each(|note| ctx.print_error(note));
        Ok(config)
    }

    fn handle_client(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        self.stage.handle(ctx, input);
        self.go_on(ctx);
    }

    fn go_on(&mut self, ctx: &mut Ctx<'_>) {
        self.tell_of_assignment(ctx);
        while let Some(consumer) = self.stage.open() {
            if let Some(offsets) = self.committing.take() {
                let Some(result) = consumer.take_committed() else {
                    if consumer.is_open() {
                        self.committing = Some(offsets);
                        return;
                    }
                    self.failed(ctx);
                    break;
                };
                tell_of_commit(ctx, &offsets, result);
                self.poll_or_close(ctx);
                continue;
            }
            let brought = consumer.take();
            if brought.is_empty() {
                if !consumer.is_open() {
                    self.failed(ctx);
                }
                break;
            }
            self.received(ctx, brought);
        }
        self.tell_of_assignment(ctx);
        if self.stage.is_closed() {
            event(ctx, "shutdown_complete", "");
            ctx.exit(self.code);
        }
    }

    /// What the rebalance listener is called with.
    fn tell_of_assignment(&mut self, ctx: &mut Ctx<'_>) {
        let Some(consumer) = self.stage.client() else { return };
        let now = consumer.assignment();
        let gone: Vec<TopicPartition> =
            self.assigned.iter().filter(|known| !now.contains(known)).cloned().collect();
        let new: Vec<TopicPartition> =
            now.iter().filter(|known| !self.assigned.contains(known)).cloned().collect();
        let list = |partitions: &[TopicPartition]| {
            let places: Vec<String> =
                partitions.iter().map(|partition| place(partition) + "}").collect();
            format!("\"partitions\":[{}]", places.join(","))
        };
        if !gone.is_empty() {
            event(ctx, "partitions_revoked", &list(&gone));
        }
        if !new.is_empty() {
            event(ctx, "partitions_assigned", &list(&new));
        }
        self.assigned = now;
    }

    fn received(&mut self, ctx: &mut Ctx<'_>, brought: Vec<(TopicPartition, Arc<Record>)>) {
        let count = brought.len();
        let mut batches: Vec<Batch> = Vec::new();
        for (partition, record) in brought {
            match batches.iter_mut().find(|batch| batch.partition == partition) {
                Some(batch) => batch.records.push(record),
                None => batches.push(Batch { partition, records: vec![record] }),
            }
        }
        let (mut summaries, mut offsets) = (Vec::new(), Vec::new());
        for Batch { partition, records } in batches {
            let left = self.most.map_or(u64::MAX, |most| most.saturating_sub(self.consumed));
            let used = records.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            self.seek_back(ctx, &partition, records.get(used));
            let Some((first, last)) = records[..used].first().zip(records[..used].last()) else {
                continue;
            };
            if self.given.has("--verbose") {
                records[..used].iter().for_each(|record| tell_of_record(ctx, &partition, record));
            }
            let (least, greatest) = (first.offset, last.offset);
            summaries.push(format!(
                "{},\"count\":{used},\"minOffset\":{least},\"maxOffset\":{greatest}}}",
                place(&partition)
            ));
            offsets.push((partition, Offset(greatest.0 + 1)));
            self.consumed += used as u64;
        }
        let summaries = summaries.join(",");
        let fields = format!("\"count\":{count},\"partitions\":[{summaries}]");
        event(ctx, "records_consumed", &fields);
        if self.given.has("--enable-autocommit") {
            return self.poll_or_close(ctx);
        }
        if let Some(consumer) = self.stage.open() {
            consumer.commit_sync(ctx);
            self.committing = Some(offsets);
        }
    }

    /// What a poll brought beyond the last message that is wanted is not committed.
    fn seek_back(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        unread: Option<&Arc<Record>>,
    ) {
        if let Some((consumer, record)) = self.stage.open().zip(unread) {
            let to = SeekTo::Offset(record.offset);
            consumer.command(ctx, ConsumerCommand::Seek(partition.clone(), to));
        }
    }

    fn poll_or_close(&mut self, ctx: &mut Ctx<'_>) {
        if self.most.is_some_and(|most| self.consumed >= most) {
            return self.close(ctx, 0);
        }
        if let Some(consumer) = self.stage.open() {
            consumer.poll(ctx);
        }
    }

    /// Poll threw an exception: it goes to the log, and the exit code is 0.
    fn failed(&mut self, ctx: &mut Ctx<'_>) {
        let error = self.stage.client().and_then(ProgramConsumer::last_error);
        let message = "Error during processing, terminating consumer process: ";
        let exception = of_consumer(error.as_deref());
        log_error(ctx, message, "org.apache.kafka.tools.VerifiableConsumer", &exception);
        self.close(ctx, 0);
    }

    fn close(&mut self, ctx: &mut Ctx<'_>, code: i32) {
        self.code = code;
        self.stage.close(ctx);
    }
}

fn tell_of_record(ctx: &mut Ctx<'_>, partition: &TopicPartition, record: &Record) {
    let (key, value) = (quoted_bytes(record.key.as_deref()), quoted_bytes(record.value.as_deref()));
    let topic = quoted(partition.topic.as_str());
    let (partition, offset) = (partition.partition, record.offset);
    let fields = format!(
        "\"key\":{key},\"value\":{value},\"topic\":{topic},\"partition\":{partition},\"offset\":{offset}"
    );
    event(ctx, "record_data", &fields);
}

fn tell_of_commit(
    ctx: &mut Ctx<'_>,
    offsets: &[(TopicPartition, Offset)],
    result: Result<(), ResponseError>,
) {
    let offsets: Vec<String> = offsets
        .iter()
        .map(|(partition, offset)| format!("{},\"offset\":{offset}}}", place(partition)))
        .collect();
    let error = match result {
        Ok(()) => String::new(),
        Err(error) => format!("\"error\":{},", quoted(&Failure::of(error, None).message)),
    };
    let (offsets, success) = (offsets.join(","), result.is_ok());
    event(
        ctx,
        "offsets_committed",
        &format!("\"offsets\":[{offsets}],{error}\"success\":{success}"),
    );
}

impl Program for VerifiableConsumer {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => self.begin(ctx),
            Input::Interrupt if self.stage.is_closing() => ctx.exit(130),
            Input::Interrupt => {
                self.close(ctx, 130);
                self.go_on(ctx);
            }
            Input::Line(_) | Input::EndOfInput => {}
            input => self.handle_client(ctx, input),
        }
    }

    fn consumer(&self) -> Option<&ProgramConsumer> {
        self.stage.client()
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}
