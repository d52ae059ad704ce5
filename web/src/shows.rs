//! What the stage draws: an exercise names what is taught so far, and the rest is left out until somebody asks for it.

use highwater_scenario::narration::LogKind;
use highwater_scenario::session::LogLine;

/// What can be left out, by the words of [`SHOWS`](highwater_exercises::SHOWS); what has no word here stands on a stage of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Partitions by their numbers.
    Partitions,
    /// Log end offsets.
    Offsets,
    /// Where consumers read next.
    Positions,
    /// Groups.
    Groups,
    /// Committed offsets.
    Committed,
    /// Lag.
    Lag,
    /// Brokers by their ids, and what can happen to them.
    Brokers,
    /// Replicas on other brokers than the leader.
    Replicas,
    /// Which replica leads.
    Leaders,
    /// Which replicas are in sync.
    Isr,
    /// The waterline.
    HighWatermark,
    /// The last stable offset.
    LastStableOffset,
    /// Transactions.
    Transactions,
    /// Controllers.
    Controllers,
    /// Requests and responses that carry no records.
    Requests,
    /// Kafka's own topics.
    InternalTopics,
}

impl Shown {
    /// All of them.
    const ALL: [Self; 16] = [
        Self::Partitions,
        Self::Offsets,
        Self::Positions,
        Self::Groups,
        Self::Committed,
        Self::Lag,
        Self::Brokers,
        Self::Replicas,
        Self::Leaders,
        Self::Isr,
        Self::HighWatermark,
        Self::LastStableOffset,
        Self::Transactions,
        Self::Controllers,
        Self::Requests,
        Self::InternalTopics,
    ];

    /// Its word in [`SHOWS`](highwater_exercises::SHOWS).
    fn word(self) -> &'static str {
        match self {
            Self::Partitions => "partitions",
            Self::Offsets => "offsets",
            Self::Positions => "positions",
            Self::Groups => "groups",
            Self::Committed => "committed",
            Self::Lag => "lag",
            Self::Brokers => "brokers",
            Self::Replicas => "replicas",
            Self::Leaders => "leaders",
            Self::Isr => "isr",
            Self::HighWatermark => "high-watermark",
            Self::LastStableOffset => "last-stable-offset",
            Self::Transactions => "transactions",
            Self::Controllers => "controllers",
            Self::Requests => "requests",
            Self::InternalTopics => "internal-topics",
        }
    }

    fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// What is drawn: a bit for each that can be left out. It is asked for each message of each frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shows(u32);

impl Shows {
    /// Everything.
    pub const ALL: Self = Self(u32::MAX);

    /// What most of Kafka can be shown with: not its own affairs, and not every request.
    pub fn without_own_affairs() -> Self {
        let own = [Shown::Controllers, Shown::InternalTopics, Shown::Requests];
        Self(own.into_iter().fold(u32::MAX, |bits, what| bits & !what.bit()))
    }

    /// What an exercise names; everything if it names nothing.
    pub fn of(words: &[String]) -> Self {
        if words.is_empty() {
            return Self::ALL;
        }
        let named =
            Shown::ALL.into_iter().filter(|what| words.iter().any(|word| word == what.word()));
        Self(named.fold(0, |bits, what| bits | what.bit()))
    }

    /// Whether a line of the log tells of something that is drawn.
    pub fn tells(self, line: &LogLine) -> bool {
        let is_internal = line.about.iter().any(|what| what.starts_with("__"));
        if is_internal && !self.has(Shown::InternalTopics) {
            return false;
        }
        match line.kind {
            LogKind::Group => self.has(Shown::Groups),
            LogKind::Election => self.has(Shown::Leaders),
            LogKind::Isr => self.has(Shown::Isr),
            LogKind::Message => self.has(Shown::Requests),
            // Few of them tell of what an exercise shows.
            LogKind::Other => self.0 | !Self::without_own_affairs().0 == u32::MAX,
            _ => true,
        }
    }

    /// Whether it is drawn.
    pub fn has(self, what: Shown) -> bool {
        self.0 & what.bit() != 0
    }
}

#[cfg(test)]
mod tests {
    use highwater_exercises::SHOWS;

    use super::*;

    #[test]
    fn every_word_is_one_that_exercises_know() {
        for what in Shown::ALL {
            assert!(SHOWS.iter().any(|(word, _)| *word == what.word()), "{what:?}");
            assert!(Shows::ALL.has(what) && Shows::of(&[]).has(what));
            assert!(Shows::of(&[what.word().to_owned()]).has(what));
            assert!(!Shows::of(&["topics".to_owned()]).has(what));
        }
        let few = Shows::without_own_affairs();
        assert!(few.has(Shown::Leaders) && !few.has(Shown::Controllers));
    }
}
