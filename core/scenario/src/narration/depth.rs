//! How deep a story goes.

/// How deep an event lies. A reader who chooses a depth is told all that lies there and above.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Depth {
    /// What a beginner is to see: elections, losses, first records, rebalances, faults.
    #[default]
    Story,
    /// How that works: appends, high watermarks, positions, votes, steps of a transaction.
    Detail,
    /// Each request and each response, and what else passes between nodes.
    Wire,
}

impl Depth {
    /// All, the shallowest first.
    pub const ALL: [Self; 3] = [Self::Story, Self::Detail, Self::Wire];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Depth::Story => "story",
            Depth::Detail => "detail",
            Depth::Wire => "wire",
        }
    }

    /// The depth of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|depth| depth.name() == name)
    }
}
