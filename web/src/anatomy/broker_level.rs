//! A broker opened: its replicas, what waits in its purgatory and behind its disk, and its disk.

use highwater_cluster::anatomy::{WaitingRequest, WaitsFor};
use highwater_cluster::ids::{BrokerId, TopicPartition};
use highwater_cluster::time::Span;
use highwater_cluster::view::{BrokerState, BrokerView, ReplicaView};
use leptos::prelude::*;

use super::parts::{Heading, fact, facts, gone, live, seen, table};
use super::place::{Depth, Place};
use crate::each::Each;
use crate::format::bytes;
use crate::play::Desk;
use crate::route;
use crate::stage::strip;
use crate::texts::Text;

/// The level of a broker.
#[component]
pub fn BrokerLevel(id: BrokerId) -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let broker = seen(sim, move |view| view.brokers.iter().find(|known| known.id == id).cloned());
    let waiting = live(sim, move |session| session.world().waiting_requests(id));
    let exists = Memo::new(move |_| broker.read().is_some());
    let says = move || broker.with(|broker| broker.as_ref().map(summary).unwrap_or_default());
    view! {
        <Show when=move || exists.get() fallback=move || gone(t!("anatomy.broker-id", id = id))>
            <Heading over=t!("anatomy.broker") title=t!("anatomy.broker-id", id = id) says/>
            <h3>{t!("anatomy.requests-that-wait")}</h3>
            <Waiting waiting/>
            <h3>{t!("anatomy.disk-and-queue")}</h3>
            {move || broker.with(|broker| broker.as_ref().map(disk))}
            <h3>{t!("anatomy.replicas")}</h3>
            <Replicas id broker/>
        </Show>
    }
    .into_any()
}

fn summary(broker: &BrokerView) -> String {
    let state = match broker.state {
        BrokerState::Stopped if broker.was_killed => {
            t!("anatomy.it-was-killed")
        }
        BrokerState::Stopped => t!("anatomy.it-does-not"),
        BrokerState::Starting => t!("anatomy.it-starting-controller"),
        BrokerState::ShuttingDown => t!("anatomy.it-shutting-down"),
        BrokerState::Running if broker.is_paused => {
            t!("anatomy.its-process-stands")
        }
        BrokerState::Running => t!("anatomy.it-runs"),
    };
    let replicas = t!("anatomy.replicas-lie", number = broker.replicas.len() as u64);
    let size: u64 = broker.replicas.iter().map(|replica| replica.size_bytes).sum();
    t!("anatomy.on-its-disk", state = state, replicas = replicas, size = bytes(size))
}

#[component]
fn Replicas(id: BrokerId, broker: Memo<Option<BrokerView>>) -> impl IntoView {
    const COLUMNS: &[Text] = &[
        text!("anatomy.log"),
        text!("anatomy.role"),
        text!("anatomy.hw"),
        text!("anatomy.leo"),
        text!("anatomy.flushed"),
        text!("anatomy.segments"),
        text!("anatomy.size"),
        text!("anatomy.partition"),
    ];
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
                <td><a href=all>{t!("anatomy.all-its-replicas")}</a></td>
            </tr>
        }
    };
    let rows = view! { <Each each=move || partitions.get() key=Clone::clone children=row/> };
    table(t!("anatomy.replicas-broker"), COLUMNS, rows.into_any())
}

#[component]
fn Waiting(waiting: Memo<Option<Vec<WaitingRequest>>>) -> impl IntoView {
    const COLUMNS: &[Text] = &[
        text!("anatomy.request"),
        text!("anatomy.from"),
        text!("anatomy.waits-for"),
        text!("anatomy.how-far-that"),
    ];
    let row = |request: WaitingRequest| {
        let from = request
            .from
            .map_or_else(|| t!("anatomy.broker-itself").to_owned(), |node| node.to_string());
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
            fallback=|| view! { <p class="empty">{t!("anatomy.nothing-waits-in")}</p> }>
            {table(t!("anatomy.requests-that-wait"), COLUMNS, view! {
                {move || waiting.get().unwrap_or_default().into_iter().map(row).collect_view()}
            }.into_any())}
        </Show>
    }
    .into_any()
}

fn waits_for(request: &WaitingRequest) -> String {
    match (request.waits_for, request.max_wait_ms) {
        (WaitsFor::Isr, _) => t!("anatomy.whole-isr-to").to_owned(),
        (WaitsFor::Records, Some(millis)) => t!("anatomy.records-to-read-millis", millis = millis),
        (WaitsFor::Records, None) => t!("anatomy.records-to-read").to_owned(),
        (WaitsFor::RemoteStore, _) => t!("anatomy.remote-store").to_owned(),
        (WaitsFor::LogStart, _) => t!("anatomy.all-replicas-to").to_owned(),
        (WaitsFor::Disk, _) => t!("anatomy.disk-to-do").to_owned(),
    }
}

fn how_far(request: &WaitingRequest) -> String {
    const MOST: usize = 6;
    let part = |part: &highwater_cluster::anatomy::WaitingPart| {
        let (partition, reached) = (&part.partition, part.reached);
        match (request.waits_for, part.required) {
            (WaitsFor::Isr, Some(required)) => t!(
                "anatomy.hw-partition",
                partition = partition,
                reached = reached,
                required = required
            ),
            (WaitsFor::LogStart, Some(required)) => {
                t!("anatomy.up-to", partition = partition, required = required)
            }
            _ => t!("anatomy.leo-partition", partition = partition, reached = reached),
        }
    };
    let mut parts: Vec<_> = request.partitions.iter().take(MOST).map(part).collect();
    if request.partitions.len() > MOST {
        parts.push(t!("anatomy.and-more", count = request.partitions.len() - MOST));
    }
    parts.join("; ")
}

fn disk(broker: &BrokerView) -> AnyView {
    let disk = &broker.disk;
    let append = match disk.append {
        Span::ZERO => t!("anatomy.no-time-that").to_owned(),
        Span(micros) => t!("anatomy.ms", millis = micros / 1_000),
    };
    let unflushed: i64 = broker
        .replicas
        .iter()
        .map(|replica| (replica.log_end_offset.0 - replica.flushed_offset.0).max(0))
        .sum();
    facts(vec![
        fact(t!("anatomy.requests-on-their"), broker.requests_under_way),
        fact(t!("anatomy.waiting-for-paused"), broker.waiting_for_resume),
        fact(t!("anatomy.waiting-behind-disk"), disk.waiting),
        fact(t!("anatomy.append-takes"), append),
        fact(
            t!("anatomy.room-on-disk"),
            if disk.is_full { t!("anatomy.none-it-full") } else { t!("anatomy.yes") },
        ),
        fact(t!("anatomy.offsets-not-flushed"), unflushed),
    ])
}
