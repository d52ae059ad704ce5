//! The lines that stream a file in.

use highwater_cluster::view::ClusterView;

use highwater_shell::words::quoted as word;

use crate::inspector::actions::bootstrap;

/// What the reader has chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The file.
    pub file: String,
    /// The field that becomes the key.
    pub key: Option<String>,
    /// The topic.
    pub topic: String,
    /// Records a second.
    pub rate: String,
    /// Whether to send what could be read of a malformed file.
    pub skip_malformed: bool,
    /// Whether a consumer is to read the records too.
    pub is_read: bool,
}

/// The lines that a plan stands for.
pub fn lines(view: &ClusterView, plan: &Plan) -> Vec<String> {
    let topic = word(&plan.topic);
    let mut lines = Vec::new();
    if !view.topics.iter().any(|known| known.name.as_str() == plan.topic) {
        let replicas = view.brokers.len().clamp(1, 3);
        let enough = replicas.saturating_sub(1).max(1);
        lines.push(format!(
            "kafka-topics.sh --bootstrap-server {} --create --topic {topic} --partitions 3 \
             --replication-factor {replicas} --config min.insync.replicas={enough}",
            bootstrap(view)
        ));
    }
    let producers = view.producers.iter().filter(|producer| !producer.is_closed);
    let name = free_name("p", producers.map(|producer| &*producer.name));
    let key = plan.key.as_ref().map(|key| format!(" --key {}", word(key))).unwrap_or_default();
    let skip = if plan.skip_malformed { " --skip-malformed" } else { "" };
    lines.push(format!(
        "producer start {name} --topic {topic} --file {}{key} --rate {}{skip}",
        word(&plan.file),
        plan.rate
    ));
    if plan.is_read {
        let consumers = view.consumers.iter().filter(|consumer| !consumer.is_closed);
        let name = free_name("c", consumers.map(|consumer| &*consumer.name));
        lines.push(format!(
            "consumer start {name} --group readers --topic {topic} --from-beginning"
        ));
    }
    lines
}

/// `p1`, or the first such name that is not taken.
pub fn free_name<'a>(letter: &str, taken: impl Iterator<Item = &'a str>) -> String {
    let taken: Vec<&str> = taken.collect();
    let names = (1..).map(|number| format!("{letter}{number}"));
    names.into_iter().find(|name| !taken.contains(&name.as_str())).unwrap_or_default()
}

/// Whether Kafka takes this as the name of a topic.
pub fn is_topic_name(name: &str) -> bool {
    let is_legal = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    (1..=249).contains(&name.len()) && name.chars().all(is_legal) && name != "." && name != ".."
}

/// The name of a topic that suits a file: `flights-2k.json` is `flights`.
pub fn topic_for(file: &str) -> String {
    let letters = file.chars().take_while(char::is_ascii_alphabetic);
    let name: String = letters.collect();
    if name.is_empty() { "records".to_owned() } else { name.to_lowercase() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_becomes_lines() {
        let plan = Plan {
            file: "flights-2k.json".into(),
            key: Some("the origin".into()),
            topic: topic_for("flights-2k.json"),
            rate: "20".into(),
            skip_malformed: true,
            is_read: false,
        };
        let lines = lines(&ClusterView::default(), &plan);
        assert_eq!(lines.len(), 2);
        assert_eq!(
            lines[1],
            "producer start p1 --topic flights --file flights-2k.json --key 'the origin' --rate 20 --skip-malformed"
        );
    }

    #[test]
    fn names_are_the_first_that_are_free() {
        assert_eq!(free_name("p", ["p1", "p3"].into_iter()), "p2");
        assert!(is_topic_name("orders.v1") && !is_topic_name("or ders") && !is_topic_name(""));
    }
}
