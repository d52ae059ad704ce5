//! The records of `__consumer_offsets` in words, for those who look into them.

use crate::anatomy::Decoded;
use crate::group::records::{CommittedOffset, GroupMetadata, GroupRecord};

impl GroupRecord {
    /// What the record says, by the names of Kafka's record types.
    pub(crate) fn told(&self) -> Decoded {
        match self {
            Self::Offset { group, partition, value } => {
                let key = vec![
                    ("group", group.to_string()),
                    ("topic", partition.topic.to_string()),
                    ("partition", partition.partition.to_string()),
                ];
                let value = value.as_ref().map(CommittedOffset::told);
                Decoded::new("OffsetCommit", group.as_str(), key, value)
            }
            Self::Group { group, value } => {
                let key = vec![("group", group.to_string())];
                let value = value.as_ref().map(GroupMetadata::told);
                Decoded::new("GroupMetadata", group.as_str(), key, value)
            }
            Self::Consumer { group, record } => record.told(group),
            Self::Share { group, record } => record.told(group),
        }
    }
}

impl CommittedOffset {
    fn told(&self) -> Vec<(&'static str, String)> {
        vec![
            ("offset", self.offset.to_string()),
            ("leaderEpoch", self.leader_epoch.to_string()),
            ("metadata", format!("\"{}\"", self.metadata)),
            ("commitTimestamp", self.committed_at.to_string()),
        ]
    }
}

impl GroupMetadata {
    fn told(&self) -> Vec<(&'static str, String)> {
        let or_null = |text: Option<String>| text.unwrap_or_else(|| "null".to_owned());
        let mut fields = vec![
            ("protocolType", self.protocol_type.to_string()),
            ("generation", self.generation.to_string()),
            ("protocol", or_null(self.protocol.as_ref().map(ToString::to_string))),
            ("leader", or_null(self.leader.as_ref().map(ToString::to_string))),
            ("currentStateTimestamp", self.state_changed_at.to_string()),
        ];
        fields.extend(self.members.iter().map(|member| {
            let (session, rebalance) = (member.session_timeout_ms, member.rebalance_timeout_ms);
            let told = format!(
                "{}, client {} at {}, sessionTimeout {session}, rebalanceTimeout {rebalance}, subscription {} B, \
                 assignment {} B",
                member.id,
                member.client_id,
                member.client_host,
                member.subscription.len(),
                member.assignment.len(),
            );
            ("members", told)
        }));
        fields
    }
}
