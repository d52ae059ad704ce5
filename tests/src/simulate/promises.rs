//! What groups and applications promise, and how it was kept: nothing lost, nothing done twice, or neither.

use std::collections::BTreeMap;

use highwater_scenario::cluster::application::Guarantee;
use highwater_scenario::deliveries::Delivered;
use highwater_scenario::session::Session;

use super::run::Problem;

/// What came of the records that were to be processed, by the guarantee under which they were.
pub type ByGuarantee<T> = BTreeMap<&'static str, T>;

/// What was delivered in a run.
#[derive(Clone, Debug, Default)]
pub struct Deliveries {
    /// By groups of consumers: how often their applications were done with each record.
    pub groups: ByGuarantee<Delivered>,
    /// By applications from topic to topic: what can be read of what they made of each record.
    pub apps: ByGuarantee<Delivered>,
}

/// The sums over many runs.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// The runs that had such a group or application.
    pub played: u64,
    /// What was delivered in all of them.
    pub delivered: Delivered,
    /// The seeds that lost something, or skipped it.
    pub losers: Vec<u64>,
    /// How many of them did something more than once.
    pub repeaters: u64,
}

impl Tally {
    pub(super) fn add(&mut self, seed: u64, delivered: Delivered) {
        self.played += 1;
        self.delivered.add(delivered);
        if delivered.lost + delivered.skipped > 0 {
            self.losers.push(seed);
        }
        self.repeaters += u64::from(delivered.repeated > 0);
    }
}

/// The name of a group of consumers that is the `number`th. What it promises is to be seen in a script that
/// is played by itself.
pub(super) fn group_name(guarantee: Guarantee, number: u64) -> String {
    match guarantee {
        Guarantee::AtMostOnce => format!("once{number}"),
        Guarantee::AtLeastOnce | Guarantee::ExactlyOnce => format!("group{number}"),
    }
}

fn promised_by(group: &str) -> Guarantee {
    if group.starts_with("once") { Guarantee::AtMostOnce } else { Guarantee::AtLeastOnce }
}

/// What was delivered so far.
pub(super) fn deliveries(session: &Session) -> Deliveries {
    let mut deliveries = Deliveries::default();
    let pipelines = session.pipelines();
    for (group, delivered) in session.invariants().delivered(session.world()) {
        // What an application makes of its records is counted where it is written.
        if pipelines.iter().all(|pipeline| pipeline.group != group) {
            let name = promised_by(group.as_str()).name();
            deliveries.groups.entry(name).or_default().add(delivered);
        }
    }
    for pipeline in pipelines {
        deliveries.apps.entry(pipeline.guarantee.name()).or_default().add(Delivered {
            right: pipeline.right,
            repeated: pipeline.duplicated,
            lost: pipeline.lost,
            skipped: 0,
        });
    }
    deliveries
}

/// The first promise that was broken. In a run that is not careful, Kafka itself may lose and repeat: there,
/// only work may not be left out that was to be done before the commit.
pub(super) fn broken(deliveries: &Deliveries, is_careful: bool) -> Option<Problem> {
    let groups = deliveries.groups.iter().map(|(name, delivered)| ("group", *name, delivered));
    let apps = deliveries.apps.iter().map(|(name, delivered)| ("application", *name, delivered));
    let mut all = groups.chain(apps.filter(|_| is_careful));
    all.find_map(|(who, name, delivered)| {
        let may_lose = name == Guarantee::AtMostOnce.name();
        let may_repeat = name == Guarantee::AtLeastOnce.name() || !is_careful;
        let Delivered { repeated, lost, .. } = *delivered;
        if lost > 0 && !may_lose {
            let says =
                format!("an {name} {who} committed {lost} records that nobody has processed");
            return Some(Problem::new("work lost", says));
        }
        let says = || format!("an {name} {who} has processed {repeated} records more than once");
        (repeated > 0 && !may_repeat).then(|| Problem::new("work repeated", says()))
    })
}
