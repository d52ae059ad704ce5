//! What is done to a setting by an incremental change (KIP-339).

/// What is done to a setting. `AlterConfigOp.OpType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Set,
    Delete,
    Append,
    Subtract,
}

impl Operation {
    /// The operation of that number.
    pub(crate) fn read(id: i8) -> Option<Self> {
        let known = [Self::Set, Self::Delete, Self::Append, Self::Subtract];
        known.get(usize::try_from(id).ok()?).copied()
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Set => "SET",
            Self::Delete => "DELETE",
            Self::Append => "APPEND",
            Self::Subtract => "SUBTRACT",
        }
    }

    /// A list with words added that it does not have, or taken away.
    pub(crate) fn change_list(self, before: &str, words: &str) -> String {
        let mut list: Vec<&str> = before.split(',').filter(|word| !word.is_empty()).collect();
        for word in words.split(',') {
            let place = list.iter().position(|present| *present == word);
            match (self, place) {
                (Self::Subtract, Some(place)) => drop(list.remove(place)),
                (Self::Append, None) => list.push(word),
                _ => {}
            }
        }
        list.join(",")
    }
}
