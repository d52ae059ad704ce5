//! What a consumer subscribes to: the topics that it was given, or those that a pattern matches at the
//! moment. A new match makes it join once more.

use crate::consumer::Consumer;
use crate::ids::TopicName;

impl Consumer {
    /// Newer metadata came: the pattern may match other topics.
    pub(super) fn match_pattern(&mut self) {
        if self.config.pattern.is_none() {
            return;
        }
        let known = self.updater.metadata.topics.keys();
        let matching: Vec<TopicName> =
            known.filter(|topic| self.config.subscribes_to(topic)).cloned().collect();
        self.topics = matching;
        let membership = &mut self.membership;
        let joined = membership.joined_topics.as_ref();
        if self.config.is_classic() && joined.is_some_and(|joined| *joined != self.topics) {
            membership.needs_rejoin = true;
        }
    }

    /// Whether it can say what it subscribes to: a pattern has to be matched first. Under the consumer
    /// protocol the coordinator does that.
    pub(super) fn knows_subscription(&self) -> bool {
        self.config.pattern.is_none() || !self.updater.metadata.brokers.is_empty()
    }
}
