//! What can be done to a thing: buttons, each beside the line that it writes.

use highwater_cluster::ids::{BrokerId, NodeId};
use highwater_cluster::time::Span;
use highwater_cluster::view::{BrokerState, BrokerView, ClusterView, ConsumerView, ProducerView};
use leptos::prelude::*;

use crate::each::Each;
use crate::play::Desk;
use crate::subject::Subject;

/// A button and its line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Action {
    label: String,
    line: String,
}

/// The buttons for a thing: what is done most, and folded away what else can befall it.
#[component]
pub fn Actions(subject: Subject) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let of = |make: fn(&ClusterView, &Subject) -> Vec<Action>| {
        let subject = subject.clone();
        Memo::new(move |_| desk.sim.calm.with(|view| make(view, &subject)))
    };
    let (actions, mishaps, network) = (of(actions), of(mishaps), of(network));
    view! {
        <List actions/>
        <Folded title=t!("inspector.what-else-can") actions=mishaps/>
        <Folded title=t!("inspector.its-links") actions=network/>
    }
}

/// The buttons for what is done most to a thing.
#[component]
pub fn MainActions(subject: Subject) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let actions = Memo::new(move |_| desk.sim.calm.with(|view| actions(view, &subject)));
    view! { <List actions/> }
}

#[component]
fn Folded(title: &'static str, actions: Memo<Vec<Action>>) -> impl IntoView {
    view! {
        <Show when=move || !actions.read().is_empty()>
            <details class="network">
                <summary>{title}</summary>
                <List actions/>
            </details>
        </Show>
    }
}

#[component]
fn List(actions: Memo<Vec<Action>>) -> impl IntoView {
    view! {
        <ul class="actions">
            <Each each=move || actions.get() key=|action| action.clone() let:action>
                <ActionButton action/>
            </Each>
        </ul>
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
    match subject {
        Subject::Broker(id) => {
            let broker = view.brokers.iter().find(|broker| broker.id == *id);
            match broker.map(|broker| broker.state) {
                Some(BrokerState::Stopped) => {
                    vec![action(t!("inspector.start"), format!("broker start {id}"))]
                }
                Some(_) => vec![
                    action(t!("inspector.stop"), format!("broker stop {id}")),
                    action(t!("inspector.kill"), format!("broker kill {id}")),
                ],
                None => Vec::new(),
            }
        }
        Subject::Controller(id) => {
            let controller = view.controllers.iter().find(|controller| controller.id == *id);
            match controller.map(|controller| controller.is_running) {
                Some(false) => {
                    vec![action(t!("inspector.start"), format!("controller start {id}"))]
                }
                Some(true) => vec![
                    action(t!("inspector.stop"), format!("controller stop {id}")),
                    action(t!("inspector.kill"), format!("controller kill {id}")),
                ],
                None => Vec::new(),
            }
        }
        Subject::Producer(id) => {
            let running =
                view.producers.iter().find(|known| known.client == *id && !known.is_closed);
            running.map(producer_actions).unwrap_or_default()
        }
        Subject::App(id) => {
            let running = view.apps.iter().find(|known| known.client == *id && !known.is_closed);
            let both = |name: &str| {
                vec![
                    action(t!("inspector.close"), format!("app close {name}")),
                    action(t!("inspector.kill"), format!("app kill {name}")),
                ]
            };
            running.map(|known| both(&known.name)).unwrap_or_default()
        }
        Subject::Consumer(id) => {
            let running =
                view.consumers.iter().find(|known| known.client == *id && !known.is_closed);
            let sharing = || {
                let mut all = view.share_consumers.iter();
                let known = all.find(|known| known.client == *id && !known.is_closed)?;
                Some(share_consumer_actions(&known.name))
            };
            running.map(consumer_actions).or_else(sharing).unwrap_or_default()
        }
        Subject::Topic(topic) => {
            vec![action(t!("inspector.describe"), describe(view, topic.as_str()))]
        }
        Subject::Partition(partition) => {
            vec![action(
                t!("inspector.describe-its-topic"),
                describe(view, partition.topic.as_str()),
            )]
        }
        _ => Vec::new(),
    }
}

/// A producer is stopped or killed; one that is transactional is told what to do, by the state it is in.
fn producer_actions(producer: &ProducerView) -> Vec<Action> {
    let name = &producer.name;
    let mut actions = vec![
        action(t!("inspector.stop"), format!("producer stop {name}")),
        action(t!("inspector.kill"), format!("producer kill {name}")),
    ];
    if producer.transaction.is_some() && producer.rate == 0 {
        let calls = [
            (t!("inspector.begin"), "begin"),
            (t!("inspector.send"), "send"),
            (t!("inspector.commit"), "commit"),
            (t!("inspector.abort"), "abort"),
        ];
        actions.extend(calls.map(|(label, call)| {
            let value = if call == "send" { " hello" } else { "" };
            action(label, format!("producer {call} {name}{value}"))
        }));
    }
    actions
}

fn share_consumer_actions(name: &str) -> Vec<Action> {
    vec![
        action(t!("inspector.stop"), format!("share-consumer stop {name}")),
        action(t!("inspector.kill"), format!("share-consumer kill {name}")),
    ]
}

fn consumer_actions(consumer: &ConsumerView) -> Vec<Action> {
    let name = &consumer.name;
    let is_paused = consumer.assignment.iter().any(|owned| owned.is_paused);
    let pause = if is_paused {
        (t!("inspector.resume"), "resume")
    } else {
        (t!("inspector.pause"), "pause")
    };
    vec![
        action(t!("inspector.stop"), format!("consumer stop {name}")),
        action(t!("inspector.kill"), format!("consumer kill {name}")),
        action(pause.0, format!("consumer {} {name}", pause.1)),
        action(t!("inspector.commit"), format!("consumer commit {name}")),
    ]
}

/// What else can befall a broker, and who else could lead a partition.
fn mishaps(view: &ClusterView, subject: &Subject) -> Vec<Action> {
    match subject {
        Subject::Broker(id) => {
            let broker = view.brokers.iter().find(|broker| broker.id == *id);
            broker.map(broker_mishaps).unwrap_or_default()
        }
        Subject::Partition(partition) => {
            let topics = view.topics.iter().filter(|topic| topic.name == partition.topic);
            let mut known = topics.flat_map(|topic| &topic.partitions);
            let Some(known) = known.find(|known| known.partition == *partition) else {
                return Vec::new();
            };
            let others = known.replicas.iter().filter(|id| known.leader != Some(**id));
            let elect = |id: &BrokerId| {
                let unclean = if known.isr.contains(id) { "" } else { " --unclean" };
                let line = format!("partition elect {partition} --leader {id}{unclean}");
                action(&t!("inspector.let-broker-lead", id = id), line)
            };
            others.map(elect).collect()
        }
        _ => Vec::new(),
    }
}

fn broker_mishaps(broker: &BrokerView) -> Vec<Action> {
    let id = broker.id;
    let either = |is_so: bool, undo: (&str, String), cause: (&str, String)| {
        let (label, line) = if is_so { undo } else { cause };
        action(label, line)
    };
    let is_running = broker.state == BrokerState::Running;
    let mut mishaps = Vec::new();
    if is_running {
        mishaps.push(action(t!("inspector.lose-power"), format!("broker power-loss {id}")));
        mishaps.push(either(
            broker.is_paused,
            (t!("inspector.let-it-go"), format!("broker resume {id}")),
            (t!("inspector.pause-for-20"), format!("broker pause {id} --for 20s")),
        ));
    }
    mishaps.extend([
        either(
            broker.disk.append > Span::ZERO,
            (t!("inspector.make-its-disk"), format!("broker slow-disk {id} --append 0ms")),
            (t!("inspector.make-its-disk-slow"), format!("broker slow-disk {id} --append 50ms")),
        ),
        either(
            broker.disk.is_full,
            (t!("inspector.make-room-on"), format!("broker free-disk {id}")),
            (t!("inspector.fill-its-disk"), format!("broker full-disk {id}")),
        ),
        either(
            broker.clock_skew_ms != 0,
            (t!("inspector.set-its-clock"), format!("broker clock {id} --skew 0s")),
            (t!("inspector.set-its-clock-back"), format!("broker clock {id} --skew -90s")),
        ),
        either(
            broker.is_hidden,
            (t!("inspector.list-it-in"), format!("broker show {id}")),
            (t!("inspector.hide-it-from"), format!("broker hide {id}")),
        ),
    ]);
    mishaps
}

/// Cutting, slowing and healing the links of a broker.
fn network(view: &ClusterView, subject: &Subject) -> Vec<Action> {
    let Subject::Broker(id) = subject else { return Vec::new() };
    let own = NodeId::Broker(*id);
    let joins =
        |a: NodeId, b: NodeId, other: NodeId| (a, b) == (own, other) || (b, a) == (own, other);
    let is_faulty = |other: NodeId| {
        view.cut_links.iter().any(|(a, b)| joins(*a, *b, other))
            || view.link_faults.iter().any(|link| joins(link.from, link.to, other))
    };
    let others = view.brokers.iter().filter(|broker| broker.id != *id);
    let others = others.map(|broker| {
        (
            NodeId::Broker(broker.id),
            t!("inspector.broker-inline", broker = broker.id),
            broker.id.to_string(),
        )
    });
    let is_one = view.controllers.len() == 1;
    let controllers = view.controllers.iter().map(|controller| {
        let name = if is_one {
            t!("inspector.controller-inline").to_owned()
        } else {
            t!("inspector.controller-controller", controller = controller.id)
        };
        (NodeId::Controller(controller.id), name, format!("controller{}", controller.id))
    });
    let links = others.chain(controllers).flat_map(|(node, name, word)| {
        if is_faulty(node) {
            let line = format!("network heal {id} {word}");
            return vec![action(&t!("inspector.heal-link-to", name = name), line)];
        }
        vec![
            action(&t!("inspector.cut-link-to", name = name), format!("network cut {id} {word}")),
            action(
                &t!("inspector.delay-link-to", name = name),
                format!("network latency {id} {word} --add 300ms"),
            ),
        ]
    });
    links.collect()
}

/// All that can be done to anything: named with the thing, and the line.
pub fn everything(view: &ClusterView) -> Vec<(String, String)> {
    let brokers = view
        .brokers
        .iter()
        .map(|it| (t!("inspector.broker-id", id = it.id), Subject::Broker(it.id)));
    let controllers = view
        .controllers
        .iter()
        .map(|it| (t!("inspector.controller-id", id = it.id), Subject::Controller(it.id)));
    let producers = view
        .producers
        .iter()
        .map(|it| (t!("inspector.producer-name", name = it.name), Subject::Producer(it.client)));
    let consumers = view
        .consumers
        .iter()
        .map(|it| (t!("inspector.consumer-name", name = it.name), Subject::Consumer(it.client)));
    let apps = view
        .apps
        .iter()
        .map(|it| (t!("inspector.application-name", name = it.name), Subject::App(it.client)));
    let share_consumers = view.share_consumers.iter().map(|it| {
        (t!("inspector.share-consumer-name", name = it.name), Subject::Consumer(it.client))
    });
    // One's own topics first: Kafka's are rarely meant.
    let of_kind = |internal| view.topics.iter().filter(move |it| it.is_internal == internal);
    let all = || of_kind(false).chain(of_kind(true));
    let topics = all()
        .map(|it| (t!("inspector.topic-name", name = it.name), Subject::Topic(it.name.clone())));
    let partitions = all().flat_map(|it| &it.partitions);
    let partitions = partitions.map(|it| {
        (
            t!("inspector.partition-partition", partition = it.partition),
            Subject::Partition(it.partition.clone()),
        )
    });
    let things = brokers
        .chain(controllers)
        .chain(producers)
        .chain(consumers)
        .chain(share_consumers)
        .chain(apps)
        .chain(topics)
        .chain(partitions);
    let of_each = things.flat_map(|(thing, subject)| {
        let own = [actions, mishaps, network].into_iter().flat_map(|make| make(view, &subject));
        own.map(|action| (format!("{thing}: {}", action.label), action.line)).collect::<Vec<_>>()
    });
    of_each.collect()
}

fn action(label: &str, line: String) -> Action {
    Action { label: label.to_owned(), line }
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
