//! What is shown of a scenario, as the short text that a link and a file carry: parts `name=value` with `&` between.
//! Whoever adds something to be shown adds a part; what a page does not know it passes over.

use highwater_cluster::ids::{BrokerId, ClientId, ControllerId, TopicPartition};
use highwater_scenario::link::view_parts;
use leptos::prelude::{Get, GetUntracked, Set};

use crate::packs;
use crate::play::{Desk, Tab};
use crate::sim::SPEEDS;
use crate::subject::Subject;
use crate::tables::Kind;

/// What the desk shows, with the place in which it does: `play`, `learn/ID`.
pub fn text_of(desk: Desk, place: &str) -> String {
    let mut parts = Vec::new();
    if place != "play" {
        parts.push(format!("in={}", escaped(place)));
    }
    if let Some(subject) = desk.selected.get() {
        parts.push(format!("select={}", escaped(&name_of(&subject))));
    }
    let tab = desk.tab.get();
    if tab != Tab::Task {
        parts.push(format!("tab={}", tab.name()));
        if tab == Tab::Tables {
            parts.push(format!("table={}", desk.tables.kind.get().name()));
        }
    }
    let speed = desk.sim.speed.get();
    if speed != 1.0 {
        parts.push(format!("speed={speed}"));
    }
    parts.join("&")
}

/// The place that a view names; else free play.
pub fn place_in(view: &str) -> String {
    let place = view_parts(view).find(|(name, _)| *name == "in").map(|(_, value)| unescaped(value));
    let place = place.filter(|place| is_place(place));
    place.unwrap_or_else(|| "play".to_owned())
}

/// Shows what a view says, as far as it makes sense.
pub fn show(desk: Desk, view: &str) {
    for (name, value) in view_parts(view) {
        match name {
            "select" => {
                if let Some(subject) = subject_of(&unescaped(value)) {
                    desk.selected.set(Some(subject));
                }
            }
            "tab" => {
                if let Some(tab) =
                    Tab::ALL.map(|(tab, _)| tab).into_iter().find(|tab| tab.name() == value)
                {
                    desk.tab.set(tab);
                }
            }
            "table" => {
                if let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.name() == value) {
                    desk.tables.kind.set(kind);
                }
            }
            "speed" => {
                let known = SPEEDS.iter().find(|(speed, _)| speed.to_string() == value);
                if let Some((speed, _)) = known {
                    desk.sim.speed.set(*speed);
                }
            }
            _ => {}
        }
    }
    if desk.is_phone.get_untracked() {
        desk.show_stage();
    }
}

/// Whether a scenario can be played there: a link leads nowhere else.
fn is_place(place: &str) -> bool {
    match place.split_once('/') {
        Some(("learn", id)) => packs::exercise(id).is_some(),
        Some(("interview", id)) => packs::question(id).is_some(),
        _ => place == "play",
    }
}

fn name_of(subject: &Subject) -> String {
    match subject {
        Subject::Broker(id) => format!("broker:{id}"),
        Subject::Controller(id) => format!("controller:{id}"),
        Subject::Partition(partition) => format!("partition:{partition}"),
        Subject::Replica(broker, partition) => format!("replica:{broker}:{partition}"),
        Subject::Topic(name) => format!("topic:{name}"),
        Subject::Producer(id) => format!("producer:{id}"),
        Subject::Consumer(id) => format!("consumer:{id}"),
        Subject::App(id) => format!("app:{id}"),
        Subject::RealClient(id) => format!("client:{id}"),
        Subject::Group(id) => format!("group:{id}"),
    }
}

fn subject_of(name: &str) -> Option<Subject> {
    let (kind, id) = name.split_once(':')?;
    let client = || id.parse().ok().map(ClientId);
    Some(match kind {
        "broker" => Subject::Broker(BrokerId(id.parse().ok()?)),
        "controller" => Subject::Controller(ControllerId(id.parse().ok()?)),
        "partition" => Subject::Partition(partition_of(id)?),
        "replica" => {
            let (broker, partition) = id.split_once(':')?;
            Subject::Replica(BrokerId(broker.parse().ok()?), partition_of(partition)?)
        }
        "topic" => Subject::Topic(id.into()),
        "producer" => Subject::Producer(client()?),
        "consumer" => Subject::Consumer(client()?),
        "app" => Subject::App(client()?),
        "client" => Subject::RealClient(client()?),
        "group" => Subject::Group(id.into()),
        _ => return None,
    })
}

fn partition_of(name: &str) -> Option<TopicPartition> {
    let (topic, index) = name.rsplit_once('-')?;
    Some(TopicPartition::new(&topic.into(), index.parse().ok()?))
}

/// Without what means something in a view, or in the line of a file: `%` and two hexadecimal digits stand for it.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._/:".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02x}"));
        }
    }
    escaped
}

fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, others)) = rest.split_first() {
        let digits = others.get(..2).filter(|_| first == b'%');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &others[2..];
            }
            None => {
                bytes.push(first);
                rest = others;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_selected_reads_back() {
        let partition = TopicPartition::new(&"my-orders".into(), 11);
        for subject in [
            Subject::Broker(BrokerId(2)),
            Subject::Controller(ControllerId(3000)),
            Subject::Partition(partition.clone()),
            Subject::Replica(BrokerId(3), partition),
            Subject::Topic("a.b_c".into()),
            Subject::Producer(ClientId(1)),
            Subject::RealClient(ClientId(2)),
            Subject::Consumer(ClientId(2)),
            Subject::App(ClientId(3)),
            Subject::Group("odd & \"group\" = é%41".into()),
        ] {
            let text = escaped(&name_of(&subject));
            assert!(!text.contains(['&', '=', '"', ' ']), "{text}");
            assert_eq!(subject_of(&unescaped(&text)), Some(subject));
        }
    }

    #[test]
    fn nonsense_selects_nothing() {
        for text in [
            "",
            "broker",
            "broker:x",
            "replica:1",
            "partition:orders",
            "<b>:1",
            "broker:99999999999",
        ] {
            assert_eq!(subject_of(text), None, "{text}");
        }
        assert_eq!(unescaped("%zz%4%"), "%zz%4%");
    }

    #[test]
    fn a_link_leads_to_places_that_exist_only() {
        assert_eq!(place_in("in=learn/keep-writing&tab=log"), "learn/keep-writing");
        assert_eq!(place_in("in=learn/nothing"), "play");
        assert_eq!(place_in("in=javascript:alert"), "play");
        assert_eq!(place_in(""), "play");
    }
}
