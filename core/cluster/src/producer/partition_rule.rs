//! A partitioner written as a line: `key=vip:0;key~^eu-:1;else:hash`. What a class that implements
//! Kafka's `Partitioner` would be, for a person who only wants to try.

use crate::ids::PartitionIndex;

/// A rule: the first clause that a record's key fits says where it goes; the built-in logic, if none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionRule {
    clauses: Vec<(Condition, Target)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    /// `key=TEXT`: that key.
    Key(String),
    /// `key~^TEXT`: a key that begins so.
    Prefix(String),
    /// `else`: any key, or none.
    Else,
}

/// Where a record goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// `N`: that partition, whether the topic has it or not.
    Partition(PartitionIndex),
    /// `A..B`: one of these, by the hash of the key.
    Among {
        /// The first.
        first: PartitionIndex,
        /// The last, which may be the first.
        last: PartitionIndex,
    },
    /// `hash`: one of all, as without a rule: by the hash of the key, or stickily without one.
    Hash,
    /// `roundrobin`: one after the other.
    RoundRobin,
    /// `random`: any, each alike.
    Random,
}

/// How a rule may look, for errors and help.
pub const RULE_SYNTAX: &str = "CLAUSE[;CLAUSE..] of key=KEY:TARGET, key~^PREFIX:TARGET and, last, else:TARGET, where \
     TARGET is a partition (0), some of them for the key's hash (1..5), hash, roundrobin or random";

impl PartitionRule {
    /// Reads a rule.
    ///
    /// # Errors
    /// Which clause is wrong, why, and what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut clauses = Vec::new();
        for (place, clause) in text.split(';').enumerate() {
            let wrong = |why: String| {
                format!("clause {} of the partition rule, `{clause}`, {why}", place + 1)
            };
            if matches!(clauses.last(), Some((Condition::Else, _))) {
                return Err(wrong("is never reached: put else last".to_owned()));
            }
            let Some((condition, target)) = clause.rsplit_once(':') else {
                return Err(wrong(format!("names no target; write {RULE_SYNTAX}")));
            };
            let condition = Condition::parse(condition.trim()).map_err(wrong)?;
            clauses.push((condition, Target::parse(target.trim()).map_err(wrong)?));
        }
        Ok(Self { clauses })
    }

    /// Where a record with that key goes.
    pub fn target(&self, key: Option<&[u8]>) -> Target {
        let fits = |condition: &Condition| match condition {
            Condition::Key(text) => key == Some(text.as_bytes()),
            Condition::Prefix(text) => key.is_some_and(|key| key.starts_with(text.as_bytes())),
            Condition::Else => true,
        };
        let clause = self.clauses.iter().find(|(condition, _)| fits(condition));
        clause.map_or(Target::Hash, |(_, target)| *target)
    }
}

impl Condition {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "else" {
            return Ok(Self::Else);
        }
        if let Some(prefix) = text.strip_prefix("key~^") {
            return Ok(Self::Prefix(prefix.to_owned()));
        }
        if let Some(key) = text.strip_prefix("key=") {
            return Ok(Self::Key(key.to_owned()));
        }
        if text.starts_with("key~") {
            return Err("matches by more than a prefix, which is not understood; write \
                        key~^PREFIX, or key=KEY for one key"
                .to_owned());
        }
        Err("begins with none of key=KEY, key~^PREFIX and else".to_owned())
    }
}

impl Target {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "hash" => return Ok(Self::Hash),
            "roundrobin" => return Ok(Self::RoundRobin),
            "random" => return Ok(Self::Random),
            _ => {}
        }
        let range = text.split_once("..");
        let wrong = || {
            "goes to no partition; write a number from 0 on, some such as 1..5, hash, roundrobin or random"
                .to_owned()
        };
        let Some((first, last)) = range else {
            return partition(text).map(Self::Partition).ok_or_else(wrong);
        };
        let ends = partition(first).and_then(|first| Some((first, partition(last)?)));
        match ends {
            Some((first, last)) if first <= last => Ok(Self::Among { first, last }),
            Some(_) => Err("names partitions that end before they begin".to_owned()),
            None => Err(wrong()),
        }
    }
}

fn partition(text: &str) -> Option<PartitionIndex> {
    text.parse().ok().filter(|index| *index >= 0).map(PartitionIndex)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VIP: &str = "key=vip:0;key~^eu-:1;key~^:2..4;else:roundrobin";

    #[track_caller]
    fn check(rule: &str, key: Option<&str>, expected: Target) {
        let rule = PartitionRule::parse(rule).expect("it is a rule");
        assert_eq!(rule.target(key.map(str::as_bytes)), expected, "{rule:?} {key:?}");
    }

    #[track_caller]
    fn check_refused(rule: &str, part: &str) {
        let error = PartitionRule::parse(rule).expect_err(rule);
        assert!(error.contains(part), "{error}");
    }

    #[test]
    fn the_first_clause_that_fits_decides() {
        check(VIP, Some("vip"), Target::Partition(PartitionIndex(0)));
        check(VIP, Some("eu-1"), Target::Partition(PartitionIndex(1)));
        let among = Target::Among { first: PartitionIndex(2), last: PartitionIndex(4) };
        check(VIP, Some("vip2"), among);
        check(VIP, None, Target::RoundRobin);
        check("key=a:b:7", Some("a:b"), Target::Partition(PartitionIndex(7)));
        check("key=a:random", Some("b"), Target::Hash);
        check(" else : random ", None, Target::Random);
    }

    #[test]
    fn what_is_no_rule_says_which_clause_and_why() {
        check_refused("", "clause 1 of the partition rule, ``, names no target");
        check_refused("key=a:0;", "clause 2");
        check_refused(
            "else:hash;key=a:0",
            "clause 2 of the partition rule, `key=a:0`, is never reached",
        );
        check_refused("key=a:-1", "goes to no partition");
        check_refused("key=a:5..2", "end before they begin");
        check_refused("key~.*:1", "write key~^PREFIX");
        check_refused("topic=a:1", "begins with none of key=KEY");
        check_refused("key=a:99999999999", "goes to no partition");
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "[a-z=~^:;. 0-9-]{0,60}", key in ".{0,10}") {
            if let Ok(rule) = PartitionRule::parse(&text) {
                rule.target(Some(key.as_bytes()));
                rule.target(None);
            }
        }
    }
}
