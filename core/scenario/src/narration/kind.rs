//! What a line of the log is about.

/// What a log line is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogKind {
    /// What a person did.
    You,
    /// A broker or a link fails or comes back.
    Fault,
    /// Records are lost.
    Loss,
    /// A leader was elected.
    Election,
    /// The ISR changed.
    Isr,
    /// A consumer group.
    Group,
    /// A producer and its records.
    Produce,
    /// A consumer and its records.
    Consume,
    /// A topic came or went.
    Topic,
    /// A message between two nodes.
    Message,
    /// A command wrote to its terminal.
    Output {
        /// The terminal.
        terminal: String,
        /// Whether it was standard error.
        is_error: bool,
    },
    /// Anything else.
    Other,
}

impl LogKind {
    /// The names of the kinds by which a log can be filtered.
    pub const NAMES: [&str; 11] = [
        "you", "fault", "loss", "election", "isr", "group", "produce", "consume", "topic",
        "message", "other",
    ];

    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            LogKind::You => "you",
            LogKind::Fault => "fault",
            LogKind::Loss => "loss",
            LogKind::Election => "election",
            LogKind::Isr => "isr",
            LogKind::Group => "group",
            LogKind::Produce => "produce",
            LogKind::Consume => "consume",
            LogKind::Topic => "topic",
            LogKind::Message => "message",
            LogKind::Output { .. } => "output",
            LogKind::Other => "other",
        }
    }

    /// Whether it is told as the cause of something else.
    pub fn is_cause(&self) -> bool {
        matches!(self, LogKind::Fault | LogKind::Election | LogKind::Isr | LogKind::Group)
    }

    /// How much it matters to one who can be told one thing only: more is told first.
    pub fn weight(&self) -> u8 {
        match self {
            LogKind::Loss => 6,
            LogKind::Fault => 5,
            LogKind::Election => 4,
            LogKind::Isr | LogKind::Group => 3,
            LogKind::Topic | LogKind::You => 2,
            LogKind::Produce | LogKind::Consume | LogKind::Other => 1,
            LogKind::Message | LogKind::Output { .. } => 0,
        }
    }
}
