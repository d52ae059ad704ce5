//! What can be done to a thing: buttons, each beside the line that it writes.

use highwater_cluster::ids::NodeId;
use highwater_cluster::view::{BrokerState, ClusterView};
use leptos::prelude::*;

use crate::play::Desk;
use crate::subject::Subject;

/// A button and its line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Action {
    label: String,
    line: String,
}

/// The buttons for a thing.
#[component]
pub fn Actions(subject: Subject) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let (own, links) = (subject.clone(), subject.clone());
    let actions = Memo::new(move |_| desk.sim.calm.with(|view| actions(view, &own)));
    let network = Memo::new(move |_| desk.sim.calm.with(|view| network(view, &links)));
    view! {
        <ul class="actions">
            <For each=move || actions.get() key=|action| action.clone() let:action>
                <ActionButton action/>
            </For>
        </ul>
        <Show when=move || !network.read().is_empty()>
            <details class="network">
                <summary>"Its links"</summary>
                <ul class="actions">
                    <For each=move || network.get() key=|action| action.clone() let:action>
                        <ActionButton action/>
                    </For>
                </ul>
            </details>
        </Show>
    }
}

#[component]
fn ActionButton(action: Action) -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let Action { label, line } = action;
    let id = format!("writes-{}", line.replace(' ', "-"));
    let written = line.clone();
    view! {
        <li>
            <button type="button" aria-describedby=id.clone() on:click=move |_| sim.press(&line)>{label}</button>
            <code id=id>{written}</code>
        </li>
    }
}

fn actions(view: &ClusterView, subject: &Subject) -> Vec<Action> {
    let action = |label: &str, line: String| Action { label: label.to_owned(), line };
    match subject {
        Subject::Broker(id) => {
            let broker = view.brokers.iter().find(|broker| broker.id == *id);
            match broker.map(|broker| broker.state) {
                Some(BrokerState::Stopped) => vec![action("Start", format!("broker start {id}"))],
                Some(_) => vec![
                    action("Stop", format!("broker stop {id}")),
                    action("Kill", format!("broker kill {id}")),
                ],
                None => Vec::new(),
            }
        }
        Subject::Producer(id) => {
            let running =
                view.producers.iter().find(|known| known.client == *id && !known.is_closed);
            running
                .map(|known| vec![action("Stop", format!("producer stop {}", known.name))])
                .unwrap_or_default()
        }
        Subject::Consumer(id) => {
            let running =
                view.consumers.iter().find(|known| known.client == *id && !known.is_closed);
            let both = |name: &str| {
                vec![
                    action("Stop", format!("consumer stop {name}")),
                    action("Kill", format!("consumer kill {name}")),
                ]
            };
            running.map(|known| both(&known.name)).unwrap_or_default()
        }
        Subject::Topic(topic) => vec![action("Describe", describe(view, topic.as_str()))],
        Subject::Partition(partition) => {
            vec![action("Describe its topic", describe(view, partition.topic.as_str()))]
        }
        _ => Vec::new(),
    }
}

/// Cutting and healing the links of a broker.
fn network(view: &ClusterView, subject: &Subject) -> Vec<Action> {
    let Subject::Broker(id) = subject else { return Vec::new() };
    let own = NodeId::Broker(*id);
    let is_cut = |other: NodeId| {
        view.cut_links.iter().any(|(a, b)| (*a, *b) == (own, other) || (*b, *a) == (own, other))
    };
    let others = view.brokers.iter().filter(|broker| broker.id != *id);
    let mut links: Vec<(NodeId, String, String)> = others
        .map(|broker| {
            (NodeId::Broker(broker.id), format!("broker {}", broker.id), broker.id.to_string())
        })
        .collect();
    if let [controller] = view.controllers.as_slice() {
        links.push((
            NodeId::Controller(controller.id),
            "the controller".to_owned(),
            "controller".to_owned(),
        ));
    }
    let link = |(node, name, word): (NodeId, String, String)| {
        let (label, verb) =
            if is_cut(node) { ("Heal the link to", "heal") } else { ("Cut the link to", "cut") };
        Action { label: format!("{label} {name}"), line: format!("network {verb} {id} {word}") }
    };
    links.into_iter().map(link).collect()
}

fn describe(view: &ClusterView, topic: &str) -> String {
    format!("kafka-topics.sh --bootstrap-server {} --describe --topic {topic}", bootstrap(view))
}

/// The address of a broker that runs; of the first if none does.
pub fn bootstrap(view: &ClusterView) -> String {
    let running = view.brokers.iter().find(|broker| broker.state == BrokerState::Running);
    let id = running.or(view.brokers.first()).map_or(1, |broker| broker.id.0);
    format!("broker{id}:9092")
}
