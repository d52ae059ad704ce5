//! Clusters to begin with, from one broker to two regions.

use leptos::prelude::*;

use crate::save::Keeper;
use crate::sim::EMPTY_SCRIPT;
use crate::texts::Text;

/// A cluster to begin with.
pub struct Beginning {
    /// What it is called.
    pub name: Text,
    /// What it is good for.
    pub says: Text,
    /// The script that makes it.
    pub script: &'static str,
}

/// From the smallest to the largest.
pub const BEGINNINGS: [Beginning; 5] = [
    Beginning {
        name: text!("beginnings.three-brokers-nothing"),
        says: text!("beginnings.free-play-as"),
        script: EMPTY_SCRIPT,
    },
    Beginning {
        name: text!("beginnings.one-broker"),
        says: text!("beginnings.topic-with-one"),
        script: "highwater 1
seed 1
cluster --brokers 1
config * offsets.topic.num.partitions=1
config * offsets.topic.replication.factor=1
config * transaction.state.log.replication.factor=1
config * transaction.state.log.min.isr=1
config * share.coordinator.state.topic.replication.factor=1
config * share.coordinator.state.topic.min.isr=1
@1s t1> kafka-topics.sh --create --topic orders --partitions 1 --replication-factor 1 --bootstrap-server broker1:9092
@2s t1> producer start p1 --topic orders --rate 2 --keys 10
@3s t1> consumer start c1 --group billing --topic orders --from-beginning
",
    },
    Beginning {
        name: text!("beginnings.three-brokers-in"),
        says: text!("beginnings.three-replicas-all"),
        script: "highwater 1
seed 1
cluster --brokers 3 --racks a,b,c
config * offsets.topic.num.partitions=3
@1s t1> kafka-topics.sh --create --topic orders --partitions 3 --replication-factor 3 --config min.insync.replicas=2 --bootstrap-server broker1:9092
@2s t1> producer start p1 --topic orders --rate 5 --keys 30 --acks all
@3s t1> consumer start c1 --group billing --topic orders --from-beginning
@3s t1> consumer start c2 --group billing --topic orders --from-beginning
",
    },
    Beginning {
        name: text!("beginnings.five-brokers-three"),
        says: text!("beginnings.quorum-that-survives"),
        script: "highwater 1
seed 1
cluster --brokers 5 --controllers 3 --racks a,b,c
config * offsets.topic.num.partitions=3
@1s t1> kafka-topics.sh --create --topic orders --partitions 6 --replication-factor 3 --config min.insync.replicas=2 --bootstrap-server broker1:9092
@2s t1> producer start p1 --topic orders --rate 10 --keys 100 --acks all
@3s t1> consumer start c1 --group billing --topic orders --from-beginning
@3s t1> consumer start c2 --group billing --topic orders --from-beginning
",
    },
    Beginning {
        name: text!("beginnings.two-regions-40"),
        says: text!("beginnings.one-cluster-stretched"),
        script: "highwater 1
seed 1
cluster --brokers 4 --racks east,west
config * offsets.topic.num.partitions=2
@0.5s t1> network latency 1 2 --add 40ms
@0.5s t1> network latency 1 4 --add 40ms
@0.5s t1> network latency 3 2 --add 40ms
@0.5s t1> network latency 3 4 --add 40ms
@1s t1> kafka-topics.sh --create --topic orders --partitions 2 --replication-factor 4 --config min.insync.replicas=3 --bootstrap-server broker1:9092
@2s t1> producer start p1 --topic orders --rate 5 --keys 30 --acks all
@3s t1> consumer start c1 --group billing --topic orders --from-beginning
",
    },
];

/// The list of them.
#[component]
pub fn Beginnings() -> impl IntoView {
    let keeper = expect_context::<Keeper>();
    let one = move |beginning: &'static Beginning| {
        view! {
            <li>
                <button type="button" on:click=move |_| keeper.begin_with(beginning.script)>{beginning.name.say()}</button>
                <p class="aside">{beginning.says.say()}</p>
            </li>
        }
    };
    view! {
        <details class="beginnings">
            <summary>{t!("beginnings.other-clusters-to")}</summary>
            <p class="aside">{t!("beginnings.what-you-have")}</p>
            <ul>{BEGINNINGS.iter().map(one).collect_view()}</ul>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use highwater_cluster::time::Time;
    use highwater_cluster::view::BrokerState;
    use highwater_scenario::session::Session;

    use super::BEGINNINGS;

    #[test]
    fn each_beginning_comes_to_life() {
        for beginning in &BEGINNINGS {
            let mut session = Session::parse(beginning.script).expect("a beginning is a scenario");
            session.advance(Time(12_000_000), u32::MAX);
            let view = session.view();
            let run = view.brokers.iter().all(|broker| broker.state == BrokerState::Running);
            assert!(run, "{}: not all brokers run", beginning.name.say());
            for consumer in &view.consumers {
                let read = consumer.records_consumed;
                assert!(read > 0, "{}: {} has read nothing", beginning.name.say(), consumer.name);
            }
            assert!(session.invariants().found().is_empty(), "{}", beginning.name.say());
        }
    }
}
