//! Which nodes, partitions and groups a sentence is about: what a log is filtered by.

use super::Narration;

impl Narration {
    /// The names of what it is about, in small letters: `broker 2`, `orders-0`, `group g1`, `p1`.
    pub fn about(&self) -> Vec<String> {
        let mut about = Vec::new();
        for (name, value) in &self.arguments {
            let Some(value) = value.name() else { continue };
            let value = value.to_ascii_lowercase();
            let prefix = match *name {
                "broker" | "brokers" | "leader" | "isr" | "replica" | "replicas" | "target" => {
                    "broker "
                }
                "controller" | "voter" | "candidate" | "votes" => "controller ",
                "group" => "group ",
                "partition" | "partitions" | "topic" | "name" | "client" | "node" | "from"
                | "to" | "a" | "b" => "",
                _ => continue,
            };
            let items = value.trim_matches(['{', '}']).split(", ");
            about.extend(items.filter(|item| !item.is_empty()).map(|item| {
                if item.starts_with(prefix) { item.to_owned() } else { format!("{prefix}{item}") }
            }));
        }
        about
    }
}
