//! What a member of a group owns, as a row of chips: one for each run of partitions that fare alike.

use highwater_cluster::ids::ClientId;
use highwater_cluster::ownership::{Fate, Holding};

use crate::format::shorten;

/// About the width of a letter, and of what stands around the words of a chip.
const LETTER: f64 = 7.3;
const AROUND: f64 = 9.0;
const APART: f64 = 4.0;

/// The height of a chip.
pub const CHIP_H: f64 = 18.0;

/// A chip, or words between chips.
#[derive(Clone, Debug, PartialEq)]
pub struct Chip {
    /// Where it begins, and how wide it is.
    pub x: f64,
    /// How wide it is.
    pub w: f64,
    /// What it says.
    pub words: String,
    /// What its partitions are to the member; none for the name of a topic, and for what there is no room for.
    pub fate: Option<Fate>,
}

/// The chips of a member within `room`; the last one counts what there is no room for.
pub fn chips(holdings: &[Holding], client: ClientId, room: f64) -> Vec<Chip> {
    let runs = runs(holdings, client);
    let total: usize = runs.iter().map(|run| run.count).sum();
    let mut topic = None;
    let mut chips: Vec<Chip> = Vec::new();
    let (mut x, mut said) = (0.0, 0);
    for run in &runs {
        let name = (topic != Some(run.topic)).then(|| shorten(run.topic, 9));
        let words = run.words();
        let name_w = name.as_ref().map_or(0.0, |name| wide(name) - AROUND + APART);
        // What is left over has to be said too.
        let rest = total - said - run.count;
        let more = if rest > 0 { wide(&format!("+{rest}")) + APART } else { 0.0 };
        if x + name_w + wide(&words) + more > room && !chips.is_empty() {
            break;
        }
        if let Some(name) = name {
            chips.push(Chip { x, w: name_w - APART, words: name, fate: None });
            x += name_w;
        }
        let w = wide(&words);
        chips.push(Chip { x, w, words, fate: Some(run.fate) });
        x += w + APART;
        topic = Some(run.topic);
        said += run.count;
    }
    if said < total {
        let words = format!("+{}", total - said);
        chips.push(Chip { x, w: wide(&words), words, fate: None });
    }
    chips
}

/// The same in words, in full.
pub fn words(holdings: &[Holding], client: ClientId) -> String {
    let said = |fate: Fate, before: &str| {
        let all = holdings.iter().filter(|holding| holding.fate(client) == Some(fate));
        let all: Vec<String> = all.map(|holding| holding.partition.to_string()).collect();
        (!all.is_empty()).then(|| format!("{before} {}", all.join(", ")))
    };
    let all = [
        said(Fate::Keeps, t!("stage.owns")),
        said(Fate::Leaves, t!("stage.to-give-up")),
        said(Fate::Comes, t!("stage.to-get")),
        said(Fate::GivenUp, t!("stage.gave-up-to")),
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    if all.is_empty() { t!("stage.owns-no-partition").to_owned() } else { all.join("; ") }
}

/// Partitions of a topic that follow each other and fare alike.
struct Run<'a> {
    topic: &'a str,
    first: i32,
    last: i32,
    count: usize,
    fate: Fate,
}

impl Run<'_> {
    fn words(&self) -> String {
        let Self { first, last, fate, .. } = self;
        let mark = match fate {
            Fate::Keeps => "",
            Fate::Leaves => "\u{2212}",
            Fate::Comes => "+",
            Fate::GivenUp => "\u{b7}",
        };
        if first == last {
            format!("{mark}{first}")
        } else {
            format!("{mark}{first}\u{2013}{last}")
        }
    }
}

fn runs(holdings: &[Holding], client: ClientId) -> Vec<Run<'_>> {
    let mut runs: Vec<Run<'_>> = Vec::new();
    for holding in holdings {
        let Some(fate) = holding.fate(client) else { continue };
        let (topic, index) = (holding.partition.topic.as_str(), holding.partition.partition.0);
        match runs.last_mut() {
            Some(run) if run.topic == topic && run.fate == fate && run.last + 1 == index => {
                run.last = index;
                run.count += 1;
            }
            _ => runs.push(Run { topic, first: index, last: index, count: 1, fate }),
        }
    }
    runs
}

fn wide(words: &str) -> f64 {
    words.chars().count() as f64 * LETTER + AROUND
}

#[cfg(test)]
mod tests {
    use highwater_cluster::ids::{TopicName, TopicPartition};

    use super::*;

    const ME: ClientId = ClientId(1);
    const OTHER: ClientId = ClientId(2);

    fn holding(topic: &str, index: i32, owner: Option<ClientId>, given: ClientId) -> Holding {
        Holding {
            partition: TopicPartition::new(&TopicName::from(topic), index),
            owners: owner.into_iter().collect(),
            given: Some(given),
            is_decided: true,
        }
    }

    fn check(holdings: &[Holding], room: f64, expect: &str) {
        let chips = chips(holdings, ME, room);
        let said: Vec<&str> = chips.iter().map(|chip| chip.words.as_str()).collect();
        assert_eq!(said.join(" "), expect);
        for (index, chip) in chips.iter().enumerate() {
            assert!(chip.x + chip.w <= room, "{chip:?} leaves the card");
            let next = chips.get(index + 1).map_or(room, |next| next.x);
            assert!(chip.x + chip.w <= next, "{chip:?} runs into what follows");
        }
    }

    #[test]
    fn partitions_that_fare_alike_share_a_chip() {
        let mut all: Vec<Holding> =
            (0..3).map(|index| holding("orders", index, Some(ME), ME)).collect();
        check(&all, 148.0, "orders 0\u{2013}2");
        all.push(holding("orders", 3, Some(ME), OTHER));
        all.push(holding("orders", 5, None, ME));
        check(&all, 148.0, "orders 0\u{2013}2 \u{2212}3 +5");
        let said = words(&all, ME);
        assert_eq!(
            said,
            "owns orders-0, orders-1, orders-2; is to give up orders-3; is to get orders-5"
        );
    }

    #[test]
    fn what_has_no_room_is_counted() {
        let all: Vec<Holding> =
            (0..24).map(|index| holding("orders", index * 2, Some(ME), ME)).collect();
        check(&all, 148.0, "orders 0 2 4 +21");
        check(&all, 131.0, "orders 0 2 +22");
    }

    #[test]
    fn every_room_holds_its_chips() {
        for room in 120..400 {
            for stride in 1..5 {
                let all: Vec<Holding> = (0..40)
                    .map(|index| {
                        holding(["a", "orders"][index as usize / 20], index * stride, Some(ME), ME)
                    })
                    .collect();
                let chips = chips(&all, ME, f64::from(room));
                let end = chips.last().map_or(0.0, |chip| chip.x + chip.w);
                assert!(end <= f64::from(room), "{end} in {room}");
            }
        }
    }
}
