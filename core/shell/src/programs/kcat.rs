//! `kcat`: what people use beside Kafka's own tools, as version 1.7.1 on librdkafka prints.

use highwater_cluster::ctx::Ctx;
use highwater_cluster::embedded::{ProgramConsumer, ProgramProducer};
use highwater_cluster::ids::{NodeId, PartitionIndex, TopicName};
use highwater_cluster::input::Input;
use highwater_cluster::message::Response;
use highwater_cluster::program::Program;
use highwater_cluster::protocol::messages::MetadataResponse;
use highwater_cluster::time::{Span, Time};
use highwater_cluster::timer::Timer;

use crate::command::Says;
pub(crate) use crate::programs::clients::bootstrap::ask;
use crate::programs::clients::bootstrap::{Bootstrap, Found};
use crate::words::Word;

mod arguments;
mod consume;
mod format;
mod list;
mod produce;
mod properties;
mod query;

use arguments::{Arguments, Mode};

/// The timer of what a mode gives up on.
const DEADLINE: u32 = 1;
/// The timer by which metadata are asked for again.
const AGAIN: u32 = 2;
const REQUEST_TIMEOUT: Span = Span(30_000_000);

/// The process for `kcat` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match arguments::read(words) {
        Ok(arguments) => Box::new(Kcat {
            bootstrap: Bootstrap::new(arguments.servers.clone(), String::new()),
            has_cluster: false,
            task: None,
            deadline: None,
            is_refused: false,
            lines: Vec::new(),
            has_input_ended: false,
            arguments,
        }),
        Err(refused) => Says::refused(refused),
    }
}

#[derive(Clone, Debug)]
struct Kcat {
    arguments: Arguments,
    bootstrap: Bootstrap,
    has_cluster: bool,
    task: Option<Task>,
    deadline: Option<Time>,
    is_refused: bool,
    /// What was read before the task began.
    lines: Vec<String>,
    has_input_ended: bool,
}

/// What it does, once it has found the cluster.
#[derive(Clone, Debug)]
enum Task {
    List(list::List),
    Produce(Box<produce::Produce>),
    Consume(Box<consume::Consume>),
    Query(query::Query),
}

impl Kcat {
    fn begin(&mut self, ctx: &mut Ctx<'_>) {
        if self.arguments.mode.is_none() {
            let reads = ctx.is_interactive();
            let (mode, name) = match reads {
                true => (Mode::Consume, "Consumer"),
                false => (Mode::Produce, "Producer"),
            };
            if !self.arguments.is_quiet {
                let message = format!("% Auto-selecting {name} mode (use -P or -C to override)");
                ctx.print_error(&message);
            }
            self.arguments.mode = Some(mode);
            if self.arguments.topics.is_empty() {
                arguments::usage("-t <topic> missing")
                    .errors
                    .iter()
                    .for_each(|l| ctx.print_error(l));
                return ctx.exit(1);
            }
        }
        if self.arguments.mode == Some(Mode::Group) && !self.arguments.is_quiet {
            ctx.print_error("% Waiting for group rebalance");
        }
        if self.arguments.mode == Some(Mode::List) {
            let wait = Span::from_millis(self.arguments.metadata_timeout_s.saturating_mul(1_000));
            self.deadline = Some(ctx.now() + wait);
            ctx.set_timer(wait, Timer::Program(DEADLINE));
        }
        let found = self.bootstrap.begin(ctx);
        self.on_bootstrap(ctx, found);
    }

    fn on_bootstrap(&mut self, ctx: &mut Ctx<'_>, found: Found) {
        match found {
            Found::NotYet => {}
            Found::Refused(place) => self.refused(ctx, place),
            Found::Cluster => {
                self.has_cluster = true;
                let mut task = match self.arguments.mode.unwrap_or(Mode::Consume) {
                    Mode::List => Task::List(list::List),
                    Mode::Produce => Task::Produce(Box::default()),
                    Mode::Consume | Mode::Group => Task::Consume(Box::default()),
                    Mode::Query => Task::Query(query::Query::default()),
                };
                match &mut task {
                    Task::List(list) => list.begin(ctx, &self.arguments),
                    Task::Produce(produce) => {
                        produce.begin(ctx, &self.arguments);
                        for line in std::mem::take(&mut self.lines) {
                            produce.line(ctx, &self.arguments, line);
                        }
                        if self.has_input_ended {
                            produce.end_of_input(ctx, &self.arguments);
                        }
                    }
                    Task::Consume(consume) => consume.begin(ctx, &self.arguments),
                    Task::Query(query) => query.begin(ctx, &self.arguments),
                }
                self.task = Some(task);
            }
        }
    }

    /// Nobody listens at a server, or no server has that name.
    fn refused(&mut self, ctx: &mut Ctx<'_>, place: usize) {
        let address = self.bootstrap.address(place).to_owned();
        let mode = self.arguments.mode.unwrap_or(Mode::Consume);
        let who = match mode {
            Mode::Consume | Mode::Group => "consumer",
            _ => "producer",
        };
        let at = ctx.timestamp().0;
        let (host, port) = address.rsplit_once(':').unwrap_or((&address, ""));
        let is_known = matches!(host, "localhost" | "127.0.0.1") || host.starts_with("broker");
        let why = match is_known {
            true => format!("Connect to ipv4#127.0.0.1:{port} failed: Connection refused"),
            false => format!("Failed to resolve '{address}': Temporary failure in name resolution"),
        };
        let text = format!("{address}/bootstrap: {why} (after 0ms in state CONNECT)");
        let is_last = self.bootstrap.failures() as usize >= self.arguments.servers.len();
        if is_last && !self.is_refused {
            ctx.print_error(&format!(
                "%3|{}.{:03}|FAIL|rdkafka#{who}-1| [thrd:{address}/bootstrap]: {text}",
                at.div_euclid(1_000),
                at.rem_euclid(1_000)
            ));
        }
        if is_last && mode != Mode::List {
            let all = self.arguments.servers.len();
            ctx.print_error(&format!("% ERROR: Local: Broker transport failure: {text}"));
            ctx.print_error(&format!(
                "% ERROR: Local: All broker connections are down: {all}/{all} brokers are down: terminating"
            ));
            return ctx.exit(1);
        }
        self.is_refused |= is_last;
    }

    fn handle_task(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        let arguments = &self.arguments;
        match &mut self.task {
            Some(Task::List(list)) => list.handle(ctx, arguments, &input),
            Some(Task::Produce(produce)) => produce.handle(ctx, arguments, input),
            Some(Task::Consume(consume)) => consume.handle(ctx, arguments, input),
            Some(Task::Query(query)) => query.handle(ctx, arguments, &input),
            None => {
                let found = self.bootstrap.handle(ctx, &input);
                self.on_bootstrap(ctx, found);
            }
        }
    }

    fn on_deadline(&self, ctx: &mut Ctx<'_>) {
        if self.deadline.is_some_and(|at| at <= ctx.now()) && !self.has_cluster {
            ctx.print_error(
                "% ERROR: Failed to acquire metadata: Local: Broker transport failure (Are the brokers \
                 reachable? Also try increasing the metadata timeout with -m <timeout>?)",
            );
            ctx.exit(1);
        }
    }

    fn interrupt(&mut self, ctx: &mut Ctx<'_>) {
        match &mut self.task {
            Some(Task::Produce(produce)) => produce.end_of_input(ctx, &self.arguments),
            Some(Task::Consume(consume)) => consume.close(ctx, 0),
            _ => ctx.exit(0),
        }
    }
}

impl Program for Kcat {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match (input, &mut self.task) {
            (Input::Start, _) => self.begin(ctx),
            (Input::Line(line), Some(Task::Produce(produce))) => {
                produce.line(ctx, &self.arguments, line);
            }
            (Input::EndOfInput, Some(Task::Produce(produce))) => {
                self.has_input_ended = true;
                produce.end_of_input(ctx, &self.arguments);
            }
            (Input::Line(line), _) => self.lines.push(line),
            (Input::EndOfInput, _) => self.has_input_ended = true,
            (Input::Timer(Timer::Program(DEADLINE)), _) => self.on_deadline(ctx),
            (Input::Interrupt, _) => self.interrupt(ctx),
            (input, _) => self.handle_task(ctx, input),
        }
    }

    fn reads_input(&self) -> bool {
        self.arguments.mode == Some(Mode::Produce) && !self.has_input_ended
    }

    fn consumer(&self) -> Option<&ProgramConsumer> {
        match &self.task {
            Some(Task::Consume(consume)) => consume.consumer(),
            _ => None,
        }
    }

    fn producer(&self) -> Option<&ProgramProducer> {
        match &self.task {
            Some(Task::Produce(produce)) => produce.producer(),
            _ => None,
        }
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

/// What an answer tells of a topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Topic {
    /// Kafka's code of what is wrong with it; 0 if nothing is.
    error: i16,
    /// Its partitions in order, each with its leader.
    leaders: Vec<(PartitionIndex, Option<NodeId>)>,
}

impl Topic {
    fn of(body: &MetadataResponse, name: &TopicName) -> Option<Self> {
        let is_it = |found: &str| found == name.as_str();
        let topic = body
            .topics
            .iter()
            .find(|topic| topic.name.as_ref().is_some_and(|found| is_it(found.as_str())))?;
        let mut leaders: Vec<_> = topic
            .partitions
            .iter()
            .map(|partition| {
                let leader = highwater_cluster::client::names::broker_id(partition.leader_id);
                (PartitionIndex(partition.partition_index), leader.map(NodeId::Broker))
            })
            .collect();
        leaders.sort_by_key(|(index, _)| *index);
        Some(Self { error: topic.error_code, leaders })
    }

    /// Whether records can be sent to it and read.
    fn is_ready(&self) -> bool {
        self.error == 0
            && !self.leaders.is_empty()
            && self.leaders.iter().all(|(_, leader)| leader.is_some())
    }
}

/// The metadata in an input, if it brings some.
fn metadata(input: &Input) -> Option<&MetadataResponse> {
    match input {
        Input::Response(_, Response::Metadata(body)) => Some(body),
        _ => None,
    }
}
