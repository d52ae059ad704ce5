//! Lines typed on a terminal, and what they do to a cluster.

use highwater_cluster::cluster_spec::ClusterSpec;
use highwater_cluster::ids::{ClientId, EntryId, TerminalName};
use highwater_cluster::input::Input;
use highwater_cluster::time::{Span, Time};
use highwater_cluster::world::World;
use highwater_shell::start;

use super::Target;
use crate::rng::Rng;
use crate::typed::Typed;

/// What an ordinary command needs to end, in steps of the world; what goes on is interrupted then.
const MOST_STEPS: u32 = 200;
/// How far the world goes on with what a command has changed.
const STEPS_AFTERWARDS: u32 = 20;
/// Every so manyth input meets a cluster of three brokers; the others one of a single broker, which is
/// several times as fast.
const LARGE_ONE_IN: u64 = 8;

const ENTRY: EntryId = EntryId(100);
const READY: &str =
    "kafka-topics.sh --bootstrap-server localhost:9092 --create --topic orders --partitions 2";

pub struct CommandLine {
    typed: Typed,
    /// Clusters that are up and have a topic: each run begins with a copy of one.
    small: World,
    large: World,
}

impl CommandLine {
    pub fn new() -> Self {
        let small = ClusterSpec { brokers: 1, controllers: 1, ..ClusterSpec::default() };
        Self { typed: Typed::new(), small: ready(small), large: ready(ClusterSpec::default()) }
    }

    /// Runs the line in a copy of a cluster. What a world may do is bounded, so a line that asks for
    /// much halts it. A command ends within a bounded number of steps, or waits; interrupted twice, it ends.
    fn execute(&self, line: &str, is_large: bool) {
        let mut world = if is_large { self.large.clone() } else { self.small.clone() };
        let client = world.start_program(ENTRY, &terminal(), start(line));
        let client = client.expect("there is room for a command");
        let mut has_ended = run(&mut world, client);
        // What waits for input gets some, and what goes on is interrupted, twice if need be.
        for input in [
            Input::Line("k:v".to_owned()),
            Input::Line("EOF".to_owned()),
            Input::EndOfInput,
            Input::Interrupt,
            Input::Interrupt,
        ] {
            let is_read = matches!(input, Input::Interrupt) || world.reads_input(client);
            if is_read && !has_ended {
                world.input(ENTRY, client, input);
                has_ended = run(&mut world, client);
            }
        }
        // It has come to its end, or waits for the last time: nothing that was typed goes on for ever.
        assert!(has_ended || run(&mut world, client), "it goes on after Ctrl-C, twice");
        for _ in 0..STEPS_AFTERWARDS {
            world.step();
        }
        world.view();
    }
}

/// A cluster that is up and has a topic.
fn ready(spec: ClusterSpec) -> World {
    let mut world = World::new(spec);
    world.run_until(Time(5_000_000));
    world.start_program(EntryId(1), &terminal(), start(READY)).expect("there is room");
    world.run_until(world.now() + Span::from_millis(2_000));
    world.take_events();
    world
}

fn terminal() -> TerminalName {
    TerminalName::from("t1")
}

/// Lets the world go on until the command has ended, or for some steps. Whether it has, or nothing goes on.
fn run(world: &mut World, client: ClientId) -> bool {
    for _ in 0..MOST_STEPS {
        let has_ended = world.client(client).is_none_or(|info| info.exit_code.is_some());
        if has_ended || world.halted().is_some() {
            return true;
        }
        if !world.step() {
            return false;
        }
    }
    false
}

impl Target for CommandLine {
    fn generate(&self, rng: &mut Rng) -> Vec<u8> {
        self.typed.generate(rng)
    }

    fn run(&self, input: &[u8]) {
        // The input alone decides, so that it can be run again from its file.
        let sum = input
            .iter()
            .fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
        self.execute(&String::from_utf8_lossy(input), sum % LARGE_ONE_IN == 0);
    }
}
