//! The kinds of things that an access control list speaks of, with the numbers and names that Kafka has for them.

use std::fmt;

/// Declares a kind: its members with their number on the wire and the name that Kafka prints.
macro_rules! kind {
    ($(#[$doc:meta])* $name:ident { $($(#[$member_doc:meta])* $member:ident = $code:literal $print:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$member_doc])* $member,)* }

        impl $name {
            /// All of them, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$member,)*];

            /// Its number on the wire.
            pub fn code(self) -> i8 {
                match self { $(Self::$member => $code,)* }
            }

            /// The one of that number.
            pub fn from_code(code: i8) -> Option<Self> {
                match code { $($code => Some(Self::$member),)* _ => None }
            }

            /// The name that Kafka prints: `DESCRIBE_CONFIGS`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$member => $print,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

kind! {
    /// What can be protected.
    ResourceType {
        /// In a filter: whatever it is.
        Any = 1 "ANY",
        /// A topic.
        Topic = 2 "TOPIC",
        /// A group of any kind.
        Group = 3 "GROUP",
        /// The cluster.
        Cluster = 4 "CLUSTER",
        /// A `transactional.id`.
        TransactionalId = 5 "TRANSACTIONAL_ID",
        /// A delegation token.
        DelegationToken = 6 "DELEGATION_TOKEN",
        /// A user.
        User = 7 "USER",
    }
}

kind! {
    /// How a resource's name is meant.
    PatternType {
        /// In a filter: however it is meant.
        Any = 1 "ANY",
        /// In a filter: whatever pattern covers the name.
        Match = 2 "MATCH",
        /// The name itself, or `*` for all.
        Literal = 3 "LITERAL",
        /// All names that begin with it (KIP-290).
        Prefixed = 4 "PREFIXED",
    }
}

kind! {
    /// What somebody does with a resource.
    Operation {
        /// In a filter: whatever it is.
        Any = 1 "ANY",
        /// Everything.
        All = 2 "ALL",
        /// Fetch from a topic; be a member of a group and commit for it.
        Read = 3 "READ",
        /// Produce to a topic; use a `transactional.id`.
        Write = 4 "WRITE",
        /// Create topics.
        Create = 5 "CREATE",
        /// Delete topics, records, groups.
        Delete = 6 "DELETE",
        /// Alter partitions, replicas, access control lists.
        Alter = 7 "ALTER",
        /// Know that it exists, and what it is like.
        Describe = 8 "DESCRIBE",
        /// What brokers ask of each other.
        ClusterAction = 9 "CLUSTER_ACTION",
        /// Read settings.
        DescribeConfigs = 10 "DESCRIBE_CONFIGS",
        /// Change settings.
        AlterConfigs = 11 "ALTER_CONFIGS",
        /// Be an idempotent producer; who may write to any topic may since Kafka 2.8 (KIP-679).
        IdempotentWrite = 12 "IDEMPOTENT_WRITE",
        /// Create tokens for a user.
        CreateTokens = 13 "CREATE_TOKENS",
        /// Describe the tokens of a user.
        DescribeTokens = 14 "DESCRIBE_TOKENS",
        /// Keep a transaction open beyond its timeout (KIP-939).
        TwoPhaseCommit = 15 "TWO_PHASE_COMMIT",
    }
}

kind! {
    /// Whether an entry allows or denies.
    Permission {
        /// In a filter: either.
        Any = 1 "ANY",
        /// It may not.
        Deny = 2 "DENY",
        /// It may.
        Allow = 3 "ALLOW",
    }
}

impl ResourceType {
    /// As a sentence has it: `transactional id`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Any => "any resource",
            Self::Topic => "topic",
            Self::Group => "group",
            Self::Cluster => "cluster",
            Self::TransactionalId => "transactional id",
            Self::DelegationToken => "delegation token",
            Self::User => "user",
        }
    }

    /// As the authorizer's log has it: `TransactionalId`.
    pub fn title(self) -> String {
        title(self.name())
    }

    /// What can be done with one, as far as access control goes. `AclEntry.supportedOperations`.
    pub fn operations(self) -> &'static [Operation] {
        use Operation::{
            Alter, AlterConfigs, ClusterAction, Create, CreateTokens, Delete, Describe,
            DescribeConfigs, DescribeTokens, IdempotentWrite, Read, TwoPhaseCommit, Write,
        };
        match self {
            Self::Any => &[],
            Self::Topic => {
                &[Read, Write, Create, Describe, Delete, Alter, DescribeConfigs, AlterConfigs]
            }
            Self::Group => &[Read, Describe, Delete, DescribeConfigs, AlterConfigs],
            Self::Cluster => &[
                Create,
                ClusterAction,
                DescribeConfigs,
                AlterConfigs,
                IdempotentWrite,
                Alter,
                Describe,
            ],
            Self::TransactionalId => &[Describe, Write, TwoPhaseCommit],
            Self::DelegationToken => &[Describe],
            Self::User => &[CreateTokens, DescribeTokens],
        }
    }
}

impl Operation {
    /// As the tools take it: `DescribeConfigs`.
    pub fn title(self) -> String {
        title(self.name())
    }

    /// The operation of that name, as the tools take it, in whatever letters and with or without underscores.
    pub fn named(text: &str) -> Option<Self> {
        let wanted = text.replace('_', "");
        let is_it = |it: &&Self| it.name().replace('_', "").eq_ignore_ascii_case(&wanted);
        Self::ALL.iter().find(is_it).copied()
    }

    /// Whether an entry that allows `self` allows `wanted` too: who may read, write, delete or alter may know that it is
    /// there. Who is denied one of these is not denied that.
    pub fn implies(self, wanted: Self) -> bool {
        self == wanted
            || match wanted {
                Self::Describe => {
                    matches!(self, Self::Read | Self::Write | Self::Delete | Self::Alter)
                }
                Self::DescribeConfigs => self == Self::AlterConfigs,
                _ => false,
            }
    }
}

/// `TRANSACTIONAL_ID` as `TransactionalId`.
fn title(name: &str) -> String {
    let word = |word: &str| word[..1].to_owned() + &word[1..].to_ascii_lowercase();
    name.split('_').map(word).collect()
}
