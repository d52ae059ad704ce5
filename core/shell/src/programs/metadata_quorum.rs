//! `kafka-metadata-quorum.sh`: `MetadataQuorumCommand` of Kafka's tools, with what it prints
//! (KIP-595, KIP-836). The voters of a cluster are fixed here: none can be added or removed.

use highwater_cluster::ctx::Ctx;
use highwater_cluster::input::Input;
use highwater_cluster::message::Response;
use highwater_cluster::program::Program;
use highwater_cluster::protocol::messages as kafka;

use crate::admin::{Admin, Answer, To};
use crate::command::Says;
use crate::options::{Given, Operands, Opt, parse, quote};
use crate::programs::servers;
use crate::words::Word;

mod print;

/// The options of the command, before and after its verb.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::text("--bootstrap-server", "HOST:PORT", "The brokers to ask, separated by commas."),
    Opt::flag("--status", "A short summary of the quorum."),
    Opt::flag("--replication", "How far each replica of the metadata log is."),
    Opt::flag("--human-readable", "With --replication: times as how long ago they were."),
];

/// What is to be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Status,
    Replication { human_readable: bool },
}

/// The command while it runs.
#[derive(Clone, Debug)]
struct MetadataQuorum {
    wanted: Wanted,
    admin: Admin,
    cluster_id: String,
}

/// The process for `kafka-metadata-quorum.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match read(words) {
        Ok((wanted, admin)) => {
            Box::new(MetadataQuorum { wanted, admin, cluster_id: String::new() })
        }
        Err(errors) => Says::errors(1, errors),
    }
}

impl Program for MetadataQuorum {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        let answer = match input {
            Input::Start => return self.begin(ctx),
            Input::Interrupt => return ctx.exit(130),
            input => self.admin.handle(ctx, &input),
        };
        match answer {
            Answer::Pending => {}
            Answer::Response(Response::Metadata(body)) => {
                let id = body.cluster_id.as_ref().map(|id| id.to_string());
                self.cluster_id = id.unwrap_or_default();
                self.describe(ctx);
            }
            Answer::Response(Response::DescribeQuorum(body)) => self.print(ctx, &body),
            Answer::Response(other) => {
                unreachable!("nothing was asked that {:?} answers", other.api_key())
            }
            Answer::TimedOut(message) => {
                let class = "org.apache.kafka.common.errors.TimeoutException";
                ctx.print_error(&format!("{class}: {message}"));
                ctx.exit(1);
            }
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

impl MetadataQuorum {
    fn begin(&mut self, ctx: &mut Ctx<'_>) {
        if self.wanted == Wanted::Status {
            let request = kafka::MetadataRequest::default().with_topics(Some(Vec::new()));
            self.admin.call(ctx, "listNodes", request, To::Any);
        } else {
            self.describe(ctx);
        }
    }

    fn describe(&mut self, ctx: &mut Ctx<'_>) {
        use kafka::describe_quorum_request::{PartitionData, TopicData};
        let topic = TopicData::default()
            .with_topic_name(kafka::TopicName("__cluster_metadata".to_owned().into()))
            .with_partitions(vec![PartitionData::default()]);
        let request = kafka::DescribeQuorumRequest::default().with_topics(vec![topic]);
        self.admin.call(ctx, "describeMetadataQuorum", request, To::Any);
    }

    fn print(&self, ctx: &mut Ctx<'_>, body: &kafka::DescribeQuorumResponse) {
        let lines = match self.wanted {
            Wanted::Status => print::status(&self.cluster_id, body),
            Wanted::Replication { human_readable } => {
                let now = human_readable.then(|| ctx.timestamp());
                print::replication(body, now)
            }
        };
        match lines {
            Some(lines) => {
                ctx.print(&lines.join("\n"));
                ctx.exit(0);
            }
            None => {
                let class = "org.apache.kafka.common.errors.UnknownServerException";
                ctx.print_error(&format!("{class}: the answer names no leader"));
                ctx.exit(1);
            }
        }
    }
}

/// What is wanted, and whom to ask; or what the tool prints to standard error.
fn read(words: &[Word]) -> Result<(Wanted, Admin), Vec<String>> {
    let wrong = |message: String| vec![format!("kafka-metadata-quorum: error: {message}")];
    // Options stand before and after the verb, which is the one word that belongs to none of them.
    let given =
        parse(OPTIONS, Operands::Accepted, words).map_err(|error| wrong(error.to_string()))?;
    let verbs: Vec<&str> = given.operands.iter().map(|word| word.text.as_str()).collect();
    match verbs.as_slice() {
        ["describe"] => {}
        ["add-controller" | "remove-controller", ..] => {
            return Err(wrong(
                "the voters of a cluster are fixed here: describe is all that is simulated"
                    .to_owned(),
            ));
        }
        [] => return Err(wrong("too few arguments; write: describe --status".to_owned())),
        [other, ..] => {
            let other = quote(other);
            return Err(wrong(format!("invalid choice: {other} (choose from describe)")));
        }
    }
    let Some(list) = given.text("--bootstrap-server") else {
        return Err(wrong("argument --bootstrap-server is required".to_owned()));
    };
    Ok((wanted(&given)?, Admin::new(servers::read(list)?)))
}

fn wanted(given: &Given) -> Result<Wanted, Vec<String>> {
    let human_readable = given.has("--human-readable");
    match (given.has("--status"), given.has("--replication")) {
        (true, true) => Err(vec![
            "Only one of --status or --replication should be specified with describe sub-command"
                .to_owned(),
        ]),
        (false, false) => Err(vec![
            "One of --status or --replication must be specified with describe sub-command"
                .to_owned(),
        ]),
        (true, false) if human_readable => Err(vec![
            "The option --human-readable is only supported along with --replication".to_owned(),
        ]),
        (true, false) => Ok(Wanted::Status),
        (false, true) => Ok(Wanted::Replication { human_readable }),
    }
}
