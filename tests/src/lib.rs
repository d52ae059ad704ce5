//! What the tests that span crates share: playing a scenario, and looking at what came of it.

use highwater_scenario::cluster::ids::{BrokerId, TopicName, TopicPartition};
use highwater_scenario::cluster::time::Time;
use highwater_scenario::cluster::view::{ClusterView, PartitionView, ReplicaView};
use highwater_scenario::narration::Depth;
use highwater_scenario::session::{Filter, LogLine, Session};

pub mod by_hand;
pub mod config_table;
pub mod conformance;
pub mod engine_texts;
pub mod simulate;

/// A header for three brokers, and a topic's worth of patience in the lines after it.
pub const THREE_BROKERS: &str = "highwater 1\nseed 42\ncluster --brokers 3 --racks a,b,c\n";

/// A scenario that was played.
pub struct Played {
    /// The session, at the moment up to which it was played.
    pub session: Session,
}

/// Plays a script up to a second of virtual time. A script that cannot be read fails the test with
/// its errors; so does anything that Kafka never lets happen.
#[track_caller]
pub fn play(script: &str, until_seconds: u64) -> Played {
    let mut played = Played { session: open(script) };
    played.play_to(until_seconds);
    played
}

/// Opens a script. One that cannot be read fails the test with its errors.
#[track_caller]
pub fn open(script: &str) -> Session {
    match Session::parse(script) {
        Ok(session) => session.hashed(),
        Err(errors) => {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            panic!("the script cannot be read:\n{}\n\n{script}", errors.join("\n"));
        }
    }
}

impl Played {
    /// Plays on up to a second of virtual time.
    #[track_caller]
    pub fn play_to(&mut self, until_seconds: u64) {
        let until = Time(until_seconds * 1_000_000);
        let advance = self.session.advance(until, u32::MAX);
        assert_eq!(advance.halted, None, "the run came to stand still\n{}", self.session.script());
        let violations: Vec<String> = self
            .session
            .invariants()
            .found()
            .iter()
            .filter(|finding| finding.what.is_violation())
            .map(|finding| finding.what.to_string())
            .collect();
        assert!(violations.is_empty(), "{violations:#?}\n{}", self.session.script());
    }

    /// The cluster as it is now.
    pub fn view(&self) -> ClusterView {
        self.session.view()
    }

    /// A partition as the controller knows it.
    #[track_caller]
    pub fn partition(&self, topic: &str, index: usize) -> PartitionView {
        let view = self.view();
        let found = view.topics.iter().find(|candidate| candidate.name.as_str() == topic);
        found.unwrap_or_else(|| panic!("there is no topic {topic}\n{}", self.story())).partitions
            [index]
            .clone()
    }

    /// A replica as its broker knows it.
    #[track_caller]
    pub fn replica(&self, broker: i32, topic: &str, index: i32) -> ReplicaView {
        let wanted = TopicPartition::new(&TopicName::from(topic), index);
        let view = self.view();
        let broker = view.brokers.iter().find(|candidate| candidate.id == BrokerId(broker));
        let replicas = &broker.expect("there is such a broker").replicas;
        replicas
            .iter()
            .find(|replica| replica.partition == wanted)
            .expect("it has a replica")
            .clone()
    }

    /// What happened, in sentences: for the message of a test that fails.
    pub fn story(&self) -> String {
        sentences(self.session.log().iter())
    }

    /// The same, with what stands below the story: what is remembered of it.
    pub fn details(&self) -> String {
        let all = self.session.history(Depth::Detail, &Filter::default(), None, usize::MAX);
        sentences(all.iter())
    }

    /// What a terminal shows.
    pub fn output(&self) -> Vec<String> {
        use highwater_scenario::narration::LogKind;
        let lines = self.session.log().iter();
        lines
            .filter(|line| matches!(line.kind, LogKind::Output { .. }))
            .map(|line| line.sentence.clone())
            .collect()
    }

    /// The ids of brokers as plain numbers.
    pub fn ids(brokers: &[BrokerId]) -> Vec<i32> {
        brokers.iter().map(|id| id.0).collect()
    }
}

fn sentences<'a>(lines: impl Iterator<Item = &'a LogLine>) -> String {
    let line = |line: &LogLine| {
        let because = line.because.as_ref().map_or(String::new(), |why| format!(" because {why}"));
        format!("{} {}{because}", line.at, line.sentence)
    };
    lines.map(line).collect::<Vec<_>>().join("\n")
}
