//! A broker opened: its replicas, what waits in its purgatory and behind its disk, and its disk.

use highwater_cluster::anatomy::{WaitingRequest, WaitsFor};
use highwater_cluster::ids::{BrokerId, NodeId, TopicPartition};
use highwater_cluster::time::Span;
use highwater_cluster::view::{BrokerState, BrokerView, ClusterView, ReplicaView};
use leptos::prelude::*;

use super::parts::{Heading, fact, facts, gone, live, seen, table};
use super::place::{Depth, Place};
use crate::format::{bytes, counted};
use crate::play::Desk;
use crate::route;
use crate::stage::strip;

/// The level of a broker.
#[component]
pub fn BrokerLevel(id: BrokerId) -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let broker = seen(sim, move |view| view.brokers.iter().find(|known| known.id == id).cloned());
    let under_way = seen(sim, move |view| under_way(view, id));
    let waiting = live(sim, move |session| session.world().waiting_requests(id));
    let exists = Memo::new(move |_| broker.read().is_some());
    let says = move || broker.with(|broker| broker.as_ref().map(summary).unwrap_or_default());
    view! {
        <Show when=move || exists.get() fallback=move || gone(format!("Broker {id}"))>
            <Heading over="Broker" title=format!("Broker {id}") says/>
            <h3>"Requests that wait"</h3>
            <Waiting waiting/>
            <h3>"Disk and queue"</h3>
            {move || broker.with(|broker| broker.as_ref().map(|it| disk(it, under_way.get())))}
            <h3>"Replicas"</h3>
            <Replicas id broker/>
        </Show>
    }
    .into_any()
}

/// The requests that are on their way to the broker.
fn under_way(view: &ClusterView, id: BrokerId) -> usize {
    let comes = |message: &&highwater_cluster::view::MessageView| {
        message.to == NodeId::Broker(id) && !message.is_response
    };
    view.in_flight.iter().filter(comes).count()
}

fn summary(broker: &BrokerView) -> String {
    let state = match broker.state {
        BrokerState::Stopped if broker.was_killed => {
            "It was killed: what it held in memory is gone."
        }
        BrokerState::Stopped => "It does not run.",
        BrokerState::Starting => "It is starting: the controller has not let it take part yet.",
        BrokerState::ShuttingDown => "It is shutting down, once its leaderships are moved.",
        BrokerState::Running if broker.is_paused => {
            "Its process stands still, and what arrives waits."
        }
        BrokerState::Running => "It runs.",
    };
    let replicas = counted(broker.replicas.len() as u64, "replica lies", "replicas lie");
    let size: u64 = broker.replicas.iter().map(|replica| replica.size_bytes).sum();
    format!("{state} {replicas} on its disk, {} in all.", bytes(size))
}

#[component]
fn Replicas(id: BrokerId, broker: Memo<Option<BrokerView>>) -> impl IntoView {
    const COLUMNS: &[&str] =
        &["Log", "Role", "HW", "LEO", "Flushed", "Segments", "Size", "Partition"];
    let partitions = Memo::new(move |_| {
        let broker = broker.read();
        let replicas = broker.as_ref().map(|it| it.replicas.as_slice()).unwrap_or_default();
        // What holds records comes before the many that are empty.
        let (empty, full): (Vec<_>, Vec<_>) =
            replicas.iter().partition(|replica| replica.log_end_offset.0 == 0);
        full.into_iter().chain(empty).map(|it| it.partition.clone()).collect::<Vec<_>>()
    });
    let row = move |partition: TopicPartition| {
        let known = partition.clone();
        let replica = Memo::new(move |_| {
            let broker = broker.read();
            let broker = broker.as_ref()?;
            let replica = strip::find(broker, &known)?;
            Some((strip::role(broker, replica).words(), replica.clone()))
        });
        let cell = move |read: fn(&ReplicaView) -> String| {
            move || replica.with(|it| it.as_ref().map(|(_, it)| read(it)).unwrap_or_default())
        };
        let page = route::page();
        let log = Place::Replica(id, partition.clone(), Depth::Log).href(&page);
        let all = Place::Partition(partition.clone()).href(&page);
        view! {
            <tr>
                <th scope="row"><a href=log>{partition.to_string()}</a></th>
                <td class="words">{move || replica.with(|it| it.as_ref().map_or("", |(role, _)| *role))}</td>
                <td>{cell(|it| it.high_watermark.to_string())}</td>
                <td>{cell(|it| it.log_end_offset.to_string())}</td>
                <td>{cell(|it| it.flushed_offset.to_string())}</td>
                <td>{cell(|it| it.segments.to_string())}</td>
                <td>{cell(|it| bytes(it.size_bytes))}</td>
                <td><a href=all>"all its replicas"</a></td>
            </tr>
        }
    };
    let rows = view! { <For each=move || partitions.get() key=Clone::clone children=row/> };
    table("The replicas of the broker", COLUMNS, rows.into_any())
}

#[component]
fn Waiting(waiting: Memo<Option<Vec<WaitingRequest>>>) -> impl IntoView {
    const COLUMNS: &[&str] = &["Request", "From", "Waits for", "How far that is"];
    let row = |request: WaitingRequest| {
        let from =
            request.from.map_or_else(|| "the broker itself".to_owned(), |node| node.to_string());
        view! {
            <tr>
                <th scope="row">{request.what.clone()}</th>
                <td class="words">{from}</td>
                <td class="words">{waits_for(&request)}</td>
                <td class="words">{how_far(&request)}</td>
            </tr>
        }
    };
    view! {
        <Show when=move || waiting.read().as_ref().is_some_and(|all| !all.is_empty())
            fallback=|| view! { <p class="empty">"Nothing waits in its purgatory or behind its disk."</p> }>
            {table("Requests that wait", COLUMNS, view! {
                {move || waiting.get().unwrap_or_default().into_iter().map(row).collect_view()}
            }.into_any())}
        </Show>
    }
    .into_any()
}

fn waits_for(request: &WaitingRequest) -> String {
    match (request.waits_for, request.max_wait_ms) {
        (WaitsFor::Isr, _) => "the whole ISR to have the records".to_owned(),
        (WaitsFor::Records, Some(millis)) => format!("records to read, {millis} ms at the most"),
        (WaitsFor::Records, None) => "records to read".to_owned(),
        (WaitsFor::LogStart, _) => "all replicas to delete the records too".to_owned(),
        (WaitsFor::Disk, _) => "the disk to do the appends before it".to_owned(),
    }
}

fn how_far(request: &WaitingRequest) -> String {
    const MOST: usize = 6;
    let part = |part: &highwater_cluster::anatomy::WaitingPart| {
        let (partition, reached) = (&part.partition, part.reached);
        match (request.waits_for, part.required) {
            (WaitsFor::Isr, Some(required)) => format!("{partition}: HW {reached} of {required}"),
            (WaitsFor::LogStart, Some(required)) => format!("{partition}: up to {required}"),
            _ => format!("{partition}: LEO {reached}"),
        }
    };
    let mut parts: Vec<_> = request.partitions.iter().take(MOST).map(part).collect();
    if request.partitions.len() > MOST {
        parts.push(format!("and {} more", request.partitions.len() - MOST));
    }
    parts.join("; ")
}

fn disk(broker: &BrokerView, under_way: usize) -> AnyView {
    let disk = &broker.disk;
    let append = match disk.append {
        Span::ZERO => "no time that counts".to_owned(),
        Span(micros) => format!("{} ms", micros / 1_000),
    };
    let unflushed: i64 = broker
        .replicas
        .iter()
        .map(|replica| (replica.log_end_offset.0 - replica.flushed_offset.0).max(0))
        .sum();
    facts(vec![
        fact("Requests on their way here", under_way),
        fact("Waiting for the paused process", broker.waiting_for_resume),
        fact("Waiting behind the disk", disk.waiting),
        fact("An append takes", append),
        fact("Room on the disk", if disk.is_full { "none: it is full" } else { "yes" }),
        fact("Offsets not flushed yet", unflushed),
    ])
}
