//! The settings of a consumer that concern its group: which protocol, which assignors, what it
//! subscribes to by pattern, and whether it stays a member when it closes.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::consumer::ConsumerConfig;
use crate::consumer::assignor::Assignor;
use crate::group::topic_pattern::TopicPattern as Pattern;
use crate::ids::TopicName;
use crate::metadata::is_internal;

/// How the members of a group find out who gets what: `group.protocol`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupProtocol {
    /// The members elect a leader, and it assigns.
    #[default]
    Classic,
    /// The coordinator assigns, and each member follows at its own pace (KIP-848).
    Consumer,
}

/// Whether the members give everything back before a rebalance, or only what moves (KIP-429).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RebalanceProtocol {
    Eager,
    Cooperative,
}

/// What becomes of the membership when the application closes its consumer:
/// `CloseOptions.GroupMembershipOperation` (KIP-1092).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupMembershipOperation {
    /// A dynamic member leaves, a static one stays.
    #[default]
    Default,
    /// It leaves, even if it is static.
    LeaveGroup,
    /// It stays until its session runs out.
    RemainInGroup,
}

/// A pattern of topic names: a subscription to all topics whose whole name it matches.
#[derive(Clone)]
pub struct TopicPattern {
    text: Arc<str>,
    pattern: Pattern,
}

impl GroupProtocol {
    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Consumer => "consumer",
        }
    }

    /// The protocol of that name, in capitals or not.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "classic" => Ok(Self::Classic),
            "consumer" => Ok(Self::Consumer),
            _ => Err("String must be one of (case insensitive): CONSUMER, CLASSIC".to_owned()),
        }
    }
}

impl GroupMembershipOperation {
    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::LeaveGroup => "leave",
            Self::RemainInGroup => "remain",
        }
    }

    /// The choice of that name.
    pub fn parse(text: &str) -> Option<Self> {
        let all = [Self::Default, Self::LeaveGroup, Self::RemainInGroup];
        all.into_iter().find(|operation| operation.name() == text)
    }
}

impl TopicPattern {
    /// Reads a pattern. The error says what is wrong with it.
    pub fn new(text: &str) -> Result<Self, String> {
        let pattern = Pattern::parse(text)
            .map_err(|error| format!("the pattern '{text}' cannot be read: {error}"))?;
        Ok(Self { text: text.into(), pattern })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it matches the whole name of a topic.
    pub fn matches(&self, topic: &TopicName) -> bool {
        self.pattern.matches(topic.as_str())
    }
}

impl PartialEq for TopicPattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for TopicPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TopicPattern({:?})", self.as_str())
    }
}

impl ConsumerConfig {
    /// Checks the settings of groups against each other. The error is what Kafka's consumer says.
    pub(super) fn check_group(&self) -> Result<(), String> {
        let unsupported: &[&str] = match self.group_protocol {
            GroupProtocol::Classic => &["group.remote.assignor"],
            GroupProtocol::Consumer => {
                &["partition.assignment.strategy", "heartbeat.interval.ms", "session.timeout.ms"]
            }
        };
        let wrong: Vec<&str> =
            unsupported.iter().copied().filter(|name| self.given.contains(*name)).collect();
        if !wrong.is_empty() {
            let protocol = self.group_protocol.name().to_ascii_uppercase();
            return Err(format!(
                "{} cannot be set when group.protocol={protocol}",
                wrong.join(", ")
            ));
        }
        let is_classic = self.group_protocol == GroupProtocol::Classic;
        if is_classic && self.heartbeat_interval_ms >= self.session_timeout_ms {
            return Err("Heartbeat must be set lower than the session timeout".to_owned());
        }
        Ok(())
    }

    /// The protocol that all assignors can: cooperative only if each of them can do that.
    pub(super) fn rebalance_protocol(&self) -> RebalanceProtocol {
        if self.assignors.iter().all(|assignor| *assignor == Assignor::CooperativeSticky) {
            RebalanceProtocol::Cooperative
        } else {
            RebalanceProtocol::Eager
        }
    }

    /// Whether everything is given back before each rebalance.
    pub(super) fn is_eager(&self) -> bool {
        self.is_classic() && self.rebalance_protocol() == RebalanceProtocol::Eager
    }

    pub(super) fn is_classic(&self) -> bool {
        self.group_protocol == GroupProtocol::Classic
    }

    /// Whether a consumer that closes tells its group that it leaves. Under the consumer protocol a
    /// static member says so even if it will be back.
    pub(super) fn leaves_at_close(&self) -> bool {
        let is_static = self.group_instance_id.is_some();
        match self.group_membership_operation {
            GroupMembershipOperation::Default => !is_static || !self.is_classic(),
            GroupMembershipOperation::LeaveGroup => true,
            GroupMembershipOperation::RemainInGroup => is_static && !self.is_classic(),
        }
    }

    /// Whether a topic belongs to what it subscribes to.
    pub(super) fn subscribes_to(&self, topic: &TopicName) -> bool {
        match &self.pattern {
            // Internal topics are left out by default: `exclude.internal.topics`.
            Some(pattern) => pattern.matches(topic) && !is_internal(topic),
            None => self.topics.contains(topic),
        }
    }
}

/// `partition.assignment.strategy`: classes, or the names that the assignors have among members.
pub(super) fn parse_assignors(text: &str) -> Result<Vec<Assignor>, String> {
    let mut assignors = Vec::new();
    let mut seen = BTreeSet::new();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let is_it = |assignor: &Assignor| is_called(*assignor, word);
        let Some(assignor) = Assignor::ALL.into_iter().find(is_it) else {
            return Err(format!("Class {word} could not be found."));
        };
        if !seen.insert(assignor.name()) {
            let (name, class) = (assignor.name(), assignor.class_name());
            return Err(format!(
                "The assignor name: '{name}' is used in more than one assignor: {class}, {class}"
            ));
        }
        assignors.push(assignor);
    }
    if assignors.is_empty() {
        return Err("Configuration 'partition.assignment.strategy' must not be empty.".to_owned());
    }
    Ok(assignors)
}

/// The assignors as the setting shows them.
pub(super) fn show_assignors(assignors: &[Assignor]) -> String {
    let classes: Vec<&str> = assignors.iter().map(|assignor| assignor.class_name()).collect();
    classes.join(",")
}

fn is_called(assignor: Assignor, word: &str) -> bool {
    let class = assignor.class_name();
    let simple = class.rsplit('.').next().unwrap_or(class);
    [assignor.name(), class, simple].contains(&word)
}

/// The names of settings that were given, rather than left to their defaults.
pub(super) type Given = BTreeSet<Arc<str>>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::GroupId;

    #[track_caller]
    fn check(settings: &[(&str, &str)], expected: Result<(), &str>) {
        let mut config = ConsumerConfig::new("c1", &GroupId::from("g"), Vec::new());
        let mut set = settings.iter().map(|(name, value)| config.set(name, value));
        let result = set.find(Result::is_err).unwrap_or_else(|| config.check());
        assert_eq!(result, expected.map_err(str::to_owned), "{settings:?}");
    }

    #[test]
    fn settings_of_the_other_protocol_are_refused() {
        check(&[("group.protocol", "CONSUMER"), ("group.remote.assignor", "range")], Ok(()));
        check(
            &[
                ("session.timeout.ms", "6000"),
                ("heartbeat.interval.ms", "9000"),
                ("group.protocol", "consumer"),
            ],
            Err(
                "heartbeat.interval.ms, session.timeout.ms cannot be set when group.protocol=CONSUMER",
            ),
        );
        check(
            &[("group.remote.assignor", "uniform")],
            Err("group.remote.assignor cannot be set when group.protocol=CLASSIC"),
        );
        check(
            &[("group.protocol", "new")],
            Err("Invalid value new for configuration group.protocol: String must be one of \
                 (case insensitive): CONSUMER, CLASSIC"),
        );
    }

    #[test]
    fn assignors_are_named_by_class_or_by_their_own_names() {
        let range = "org.apache.kafka.clients.consumer.RangeAssignor";
        assert_eq!(parse_assignors(range), Ok(vec![Assignor::Range]));
        assert_eq!(
            parse_assignors("sticky, CooperativeStickyAssignor"),
            Ok(vec![Assignor::Sticky, Assignor::CooperativeSticky])
        );
        let strategy = "partition.assignment.strategy";
        check(
            &[(strategy, "range,fair")],
            Err("Invalid value range,fair for configuration partition.assignment.strategy: \
                 Class fair could not be found."),
        );
        assert!(parse_assignors("range,RangeAssignor").is_err());
        assert!(parse_assignors(" , ").is_err());
    }

    #[test]
    fn a_pattern_matches_whole_names() {
        let pattern = TopicPattern::new("orders|pay.*").unwrap();
        let matches = |topic: &str| pattern.matches(&TopicName::from(topic));
        assert!(matches("orders") && matches("payments"));
        assert!(!matches("orders-2") && !matches("repay"));
        assert_eq!(pattern.as_str(), "orders|pay.*");
        assert!(TopicPattern::new("orders)(").is_err());
    }
}
