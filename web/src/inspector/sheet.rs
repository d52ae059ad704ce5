//! What the inspector shows of a thing.

/// What the inspector shows of a thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// What kind of thing it is.
    pub over: String,
    /// Its name.
    pub title: String,
    /// Whether the name is one that Kafka would print.
    pub is_name: bool,
    /// How it is, in a few words.
    pub under: String,
    /// Its state.
    pub sections: Vec<Section>,
}

/// Some facts that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// What they are about; nothing for the first.
    pub title: &'static str,
    /// The facts.
    pub facts: Vec<Fact>,
}

/// A fact.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// How it is.
    pub value: String,
    /// Whether it is as Kafka would print it, rather than words.
    pub is_exact: bool,
}

/// A fact as Kafka would print it.
pub fn exact(label: impl Into<String>, value: impl ToString) -> Fact {
    Fact { label: label.into(), value: value.to_string(), is_exact: true }
}

/// A fact in words.
pub fn words(label: impl Into<String>, value: impl ToString) -> Fact {
    Fact { label: label.into(), value: value.to_string(), is_exact: false }
}

impl Sheet {
    /// A sheet with its first facts.
    pub fn new(
        over: &str,
        title: impl Into<String>,
        under: impl Into<String>,
        facts: Vec<Fact>,
    ) -> Self {
        let sections = vec![Section { title: "", facts }];
        Self {
            over: over.to_owned(),
            title: title.into(),
            is_name: false,
            under: under.into(),
            sections,
        }
    }

    /// Its name is one that Kafka would print.
    pub fn named(mut self) -> Self {
        self.is_name = true;
        self
    }

    /// More facts, unless there are none.
    pub fn with(mut self, title: &'static str, facts: Vec<Fact>) -> Self {
        if !facts.is_empty() {
            self.sections.push(Section { title, facts });
        }
        self
    }
}
