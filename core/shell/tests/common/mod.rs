//! A cluster with a terminal, on which commands run to their end.

use highwater_cluster::cluster_spec::ClusterSpec;
use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{EntryId, TerminalName};
use highwater_cluster::time::{Span, Time};
use highwater_cluster::world::World;

/// What a command printed, and its exit code.
#[derive(Debug, Default, PartialEq)]
pub struct Printed {
    pub output: String,
    pub errors: String,
    pub code: Option<i32>,
}

/// A cluster with one terminal.
pub struct Terminal {
    pub world: World,
    entries: u32,
}

impl Terminal {
    /// A cluster whose brokers have come up.
    #[allow(dead_code, reason = "not every test that shares this needs it")]
    pub fn new() -> Self {
        Self::of(ClusterSpec::default())
    }

    /// Such a cluster whose brokers have come up.
    pub fn of(spec: ClusterSpec) -> Self {
        let mut world = World::new(spec);
        world.run_until(Time(5_000_000));
        world.take_events();
        Self { world, entries: 0 }
    }

    /// Runs a command to its end.
    pub fn run(&mut self, line: &str) -> Printed {
        self.entries += 1;
        let entry = EntryId(self.entries);
        let program = highwater_shell::start(line);
        self.world.start_program(entry, &TerminalName::from("t1"), program).expect("there is room");
        let mut printed = Printed::default();
        let give_up = self.world.now() + Span::from_millis(120_000);
        while printed.code.is_none() {
            for event in self.world.take_events() {
                match event.kind {
                    EventKind::Output { text, is_error, .. } => {
                        let to = if is_error { &mut printed.errors } else { &mut printed.output };
                        to.push_str(&text);
                        to.push('\n');
                    }
                    EventKind::CommandExited { code, .. } => printed.code = Some(code),
                    _ => {}
                }
            }
            assert!(printed.code.is_some() || self.world.step(), "{line} came to an end");
            assert!(self.world.now() < give_up, "{line} ends in time: {printed:?}");
        }
        // What a command changed reaches every broker before the next one asks.
        let settled = self.world.now() + Span::from_millis(1_000);
        self.world.run_until(settled);
        printed
    }

    /// Lets time pass.
    #[allow(dead_code, reason = "not every test that shares this needs it")]
    pub fn wait_seconds(&mut self, seconds: i64) {
        let until = self.world.now() + Span::from_millis(seconds * 1_000);
        self.world.run_until(until);
        self.world.take_events();
    }
}
