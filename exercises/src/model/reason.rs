//! Why a line of a checklist is unmet, each with the sentence that says so. An exercise may say it in
//! its own words, with the same arguments.

use serde::{Deserialize, Serialize};

/// Why a line of a checklist is unmet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// There is no such topic.
    NoTopic,
    /// The replication factor is 1.
    OneCopy,
    /// The replication factor is too low, but not 1.
    TooFewReplicas,
    /// `min.insync.replicas` is too low.
    MinInsyncTooLow,
    /// `min.insync.replicas` is too high.
    MinInsyncTooHigh,
    /// No producer ever wrote to the topic.
    NoProducer,
    /// A producer writes to the topic with other acks.
    OtherAcks,
    /// No broker with a replica of the topic has been down.
    NoBrokerDownYet,
    /// A broker was killed, and the controller has not noticed yet.
    NotFencedYet,
    /// A partition has no leader.
    NoLeader,
    /// The ISR of a partition is smaller than `min.insync.replicas`.
    BelowMinInsync,
    /// While a broker was down, leaders refused to write.
    WasRefused,
    /// A broker is down, and no producer runs.
    NobodyWrites,
    /// A broker was down, too shortly; none is now.
    NoBrokerDownNow,
    /// Records are being acknowledged, but not enough yet.
    TooFewWhileDown,
    /// A broker does not run.
    BrokerStillDown,
    /// A replica is out of sync though its broker runs.
    CatchingUp,
    /// Acknowledged records were lost for good.
    RecordsLost,
    /// The present leaders do not have all acknowledged records.
    RecordsMissing,
    /// There is no such group.
    NoGroup,
    /// There is no such producer or consumer.
    NoClient,
    /// The group has committed nothing.
    NothingCommitted,
    /// A partition has no owner.
    NotOwned,
    /// A number is too low.
    TooFew,
    /// A number is too high.
    TooMany,
    /// A number or a text is another.
    Other,
    /// A number or a text is the one that it must not be.
    Same,
    /// A text lacks a part.
    Lacks,
    /// Something is not so.
    NotSo,
    /// Something is so that must not be.
    IsSo,
    /// It is judged later.
    TooEarly,
    /// It is judged when the lines above are met.
    OthersFirst,
}

impl Reason {
    /// The sentence, with its arguments in braces. It names every argument that there is.
    pub fn sentence(self) -> &'static str {
        match self {
            Reason::NoTopic => "There is no topic {topic} yet.",
            Reason::OneCopy => {
                "{topic} has replication factor 1: each partition lives on one broker only, and is out of reach while \
                 that broker is down."
            }
            Reason::TooFewReplicas => "{topic} has replication factor {found}; it takes {wanted}.",
            Reason::MinInsyncTooLow => {
                "{topic} has min.insync.replicas={found}; it takes {wanted} or more."
            }
            Reason::MinInsyncTooHigh => {
                "{topic} has min.insync.replicas={found}; {wanted} is the most."
            }
            Reason::NoProducer => "No producer writes to {topic} yet.",
            Reason::OtherAcks => {
                "Producer {producer} writes to {topic} with acks={found}, not acks={wanted}."
            }
            Reason::NoBrokerDownYet => {
                "No broker that holds a replica of {topic} has been down yet."
            }
            Reason::NotFencedYet => {
                "{found} of {wanted}. Broker {broker} was killed and could tell nobody: until the controller has \
                 missed its heartbeats for {timeout}, it stays in the ISR, and acks=all waits for it."
            }
            Reason::NoLeader => {
                "{found} of {wanted}. {partition} has no leader while broker {broker} is down: no other replica in \
                 sync can take over."
            }
            Reason::BelowMinInsync => {
                "{found} of {wanted}. The ISR of {partition} has the size {isr}, min.insync.replicas is {min}: leaders \
                 refuse to write. Batches refused with NOT_ENOUGH_REPLICAS so far: {refused}."
            }
            Reason::WasRefused => {
                "{found} of {wanted}, and no broker is down now. While one was, leaders refused to write; batches \
                 refused with NOT_ENOUGH_REPLICAS: {refused}. min.insync.replicas is {min}."
            }
            Reason::NobodyWrites => {
                "{found} of {wanted}. Broker {broker} is down, but no producer writes to {topic}."
            }
            Reason::NoBrokerDownNow => {
                "{found} of {wanted}, and no broker is down now: stop one again, and give the producer more time."
            }
            Reason::TooFewWhileDown => {
                "{found} of {wanted}. Broker {broker} is down and writes go on: let time run."
            }
            Reason::BrokerStillDown => "Broker {broker} is still down.",
            Reason::CatchingUp => {
                "{partition} has its replicas on brokers {replicas}, but its ISR is {isr}: broker {broker} is not in \
                 sync yet."
            }
            Reason::RecordsLost => {
                "Acknowledged records of {topic} that are lost: {lost}. The first is offset {offset} of {partition}. \
                 What is lost stays lost: begin again."
            }
            Reason::RecordsMissing => {
                "Of {acknowledged} acknowledged records, {missing} are not in the log of the present leader."
            }
            Reason::NoGroup => "There is no group {group} yet.",
            Reason::NoClient => "Nothing is called {name} yet.",
            Reason::NothingCommitted => "Group {group} has committed nothing yet.",
            Reason::NotOwned => "{partition} has no owner in group {group}.",
            Reason::TooFew => "{what}: {found}. It takes {wanted}.",
            Reason::TooMany => "{what}: {found}. {wanted} is the most.",
            Reason::Other => "{what}: {found}. It is to be {wanted}.",
            Reason::Same => "{what}: {found}. That is what it must not be.",
            Reason::Lacks => "{what}: {found}. It is to contain {wanted}.",
            Reason::NotSo => "Not so yet: {what}.",
            Reason::IsSo => "It must not be so: {what}.",
            Reason::TooEarly => "This is judged at {wanted}. It is {found}.",
            Reason::OthersFirst => "This is judged once all the lines above are met.",
        }
    }

    /// All of them.
    pub const ALL: [Self; 32] = [
        Self::NoTopic,
        Self::OneCopy,
        Self::TooFewReplicas,
        Self::MinInsyncTooLow,
        Self::MinInsyncTooHigh,
        Self::NoProducer,
        Self::OtherAcks,
        Self::NoBrokerDownYet,
        Self::NotFencedYet,
        Self::NoLeader,
        Self::BelowMinInsync,
        Self::WasRefused,
        Self::NobodyWrites,
        Self::NoBrokerDownNow,
        Self::TooFewWhileDown,
        Self::BrokerStillDown,
        Self::CatchingUp,
        Self::RecordsLost,
        Self::RecordsMissing,
        Self::NoGroup,
        Self::NoClient,
        Self::NothingCommitted,
        Self::NotOwned,
        Self::TooFew,
        Self::TooMany,
        Self::Other,
        Self::Same,
        Self::Lacks,
        Self::NotSo,
        Self::IsSo,
        Self::TooEarly,
        Self::OthersFirst,
    ];

    /// Those that any comparison may have.
    pub const COMMON: [Self; 9] = [
        Self::TooFew,
        Self::TooMany,
        Self::Other,
        Self::Same,
        Self::Lacks,
        Self::NotSo,
        Self::IsSo,
        Self::TooEarly,
        Self::OthersFirst,
    ];

    /// The names in braces in a sentence.
    pub fn arguments(sentence: &str) -> impl Iterator<Item = &str> {
        sentence.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_listed_in_their_order() {
        for (place, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, place, "{reason:?}");
        }
        // The last one that there is.
        assert_eq!(Reason::ALL.len(), Reason::OthersFirst as usize + 1);
    }
}
