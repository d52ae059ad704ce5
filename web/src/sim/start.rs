//! The scenario that stands before anything was done.

use highwater_scenario::session::Session;

/// Three brokers in three racks, and nothing else. Kafka's own topic for offsets has three
/// partitions instead of fifty, so that what happens to it can be followed.
pub const EMPTY_SCRIPT: &str = "highwater 1
seed 1
cluster --brokers 3 --racks a,b,c
config * offsets.topic.num.partitions=3
";

/// A session of [`EMPTY_SCRIPT`].
pub fn empty_session() -> Session {
    Session::parse(EMPTY_SCRIPT).expect("the empty scenario is a scenario")
}

/// How many entries a scenario has that somebody typed or pressed. One that cannot be read has none.
pub fn entries_of(script: &str) -> usize {
    Session::parse(script).map_or(0, |session| session.entries().len())
}

#[cfg(test)]
mod tests {
    #[test]
    fn entries_are_counted_without_the_header() {
        let script = format!("{}# Why.\n@1s t1> kafka-topics --list\n", super::EMPTY_SCRIPT);
        assert_eq!(super::entries_of(&script), 1);
        assert_eq!(super::entries_of("nonsense"), 0);
    }

    #[test]
    fn the_empty_scenario_can_be_played() {
        assert_eq!(super::empty_session().now().0, 0);
    }
}
