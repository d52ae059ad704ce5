//! Which form a number asks for.

/// How a language chooses between the two forms of what is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plural {
    /// `1` is one, all else is other: English, German, Spanish.
    #[default]
    One,
    /// `0` and `1` are one: French.
    UpToOne,
    /// There is one form, the other: Japanese, Turkish after a number.
    None,
}

impl Plural {
    /// By its name in a file of texts.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "one" => Some(Self::One),
            "up-to-one" => Some(Self::UpToOne),
            "none" => Some(Self::None),
            _ => None,
        }
    }

    /// Whether so many are told in the first form.
    pub fn is_one(self, number: u64) -> bool {
        match self {
            Self::One => number == 1,
            Self::UpToOne => number <= 1,
            Self::None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_chooses_its_form() {
        let chosen =
            |name: &str| [0, 1, 2].map(|n| Plural::named(name).expect("it is known").is_one(n));
        assert_eq!(chosen("one"), [false, true, false]);
        assert_eq!(chosen("up-to-one"), [true, true, false]);
        assert_eq!(chosen("none"), [false, false, false]);
        assert_eq!(Plural::named("dual"), None);
    }
}
