//! `kafka-metadata-quorum.sh`: `MetadataQuorumCommand` of Kafka's tools, with what it prints
//! (KIP-595, KIP-836). The voters of a cluster are fixed here: none can be added or removed.

use std::sync::Arc;

use highwater_cluster::ctx::Ctx;
use highwater_cluster::input::Input;
use highwater_cluster::message::Response;
use highwater_cluster::program::Program;
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages as kafka;

use crate::admin::{Admin, Answer, CLIENT_ID, To};
use crate::command::Says;
use crate::options::{Given, Opt};
use crate::programs::argparse::{Command, Parser};
use crate::programs::jopt::{Refused, refused};
use crate::programs::servers;
use crate::script::Failure;
use crate::words::Word;

mod print;

const DRY_RUN: Opt = Opt::flag("--dry-run", "Only check it.");

pub(crate) static PARSER: Parser = Parser {
    program: "kafka-metadata-quorum",
    about: "This tool describes kraft metadata quorum status.",
    options: &[
        Opt::text(
            "--bootstrap-server",
            "BOOTSTRAP_SERVER",
            "The brokers to ask, separated by commas.",
        ),
        Opt::text(
            "--bootstrap-controller",
            "BOOTSTRAP_CONTROLLER",
            "The controllers to ask; they answer no tools here.",
        ),
        Opt::text("--command-config", "COMMAND_CONFIG", "A file of settings of the admin client."),
    ],
    one_of: &["--bootstrap-server", "--bootstrap-controller"],
    metavar: "",
    commands: &[
        Command {
            name: "describe",
            help: "Tells how the quorum is.",
            options: &[
                Opt::flag("--status", "A short summary of the quorum."),
                Opt::flag("--replication", "How far each replica of the metadata log is."),
                Opt::flag(
                    "--human-readable",
                    "With --replication: times as how long ago they were.",
                ),
            ],
            one_of: &[],
        },
        Command {
            name: "add-controller",
            help: "Adds a voter: not simulated.",
            options: &[DRY_RUN],
            one_of: &[],
        },
        Command {
            name: "remove-controller",
            help: "Takes a voter out: not simulated.",
            options: &[
                Opt::integer(
                    "--controller-id",
                    "CONTROLLER_ID",
                    (i32::MIN as i64, i32::MAX as i64),
                    "Which controller.",
                )
                .aliases(&["-i"])
                .required(),
                Opt::text("--controller-directory-id", "CONTROLLER_DIRECTORY_ID", "Its directory.")
                    .aliases(&["-d"])
                    .required(),
                DRY_RUN,
            ],
            one_of: &[],
        },
    ],
};

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
        Err(refused) => Says::refused(refused),
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

    fn client_id(&self) -> Option<Arc<str>> {
        Some(CLIENT_ID.into())
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
        if let Some(error) = ResponseError::try_from_code(body.error_code) {
            let failure = Failure::of(error, body.error_message.as_deref());
            ctx.print_error(&failure.in_future().to_string());
            return ctx.exit(1);
        }
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

/// What is wanted, and whom to ask.
fn read(words: &[Word]) -> Result<(Wanted, Admin), Refused> {
    let parsed = PARSER.read(words)?;
    let Some(list) = parsed.main.text("--bootstrap-server") else {
        return Err(refused(
            "Highwater: controllers answer no tools here; ask a broker: --bootstrap-server broker1:9092",
        ));
    };
    match parsed.command {
        "describe" => {}
        "add-controller" if !parsed.main.has("--command-config") => {
            return Err(refused(
                "You must supply the configuration file of the controller you are adding when using \
                 add-controller.",
            ));
        }
        _ => {
            return Err(refused(
                "Highwater: the voters of a cluster are fixed here: describe is all that is simulated",
            ));
        }
    }
    Ok((wanted(&parsed.own)?, Admin::new(servers::named(list)?)))
}

fn wanted(given: &Given) -> Result<Wanted, Refused> {
    let human_readable = given.has("--human-readable");
    match (given.has("--status"), given.has("--replication")) {
        (true, true) => Err(refused(
            "Only one of --status or --replication should be specified with describe sub-command",
        )),
        (false, false) => Err(refused(
            "One of --status or --replication must be specified with describe sub-command",
        )),
        (true, false) if human_readable => {
            Err(refused("The option --human-readable is only supported along with --replication"))
        }
        (true, false) => Ok(Wanted::Status),
        (false, true) => Ok(Wanted::Replication { human_readable }),
    }
}
