//! A partition opened: its replicas one under another, record by record, with the waterline, epochs
//! and transactions, and below them who has read to where.

use highwater_cluster::anatomy::{
    OffsetWindow, PartitionAnatomy, ReaderMark, ReplicaStrip, readers,
};
use highwater_cluster::ids::TopicPartition;
use highwater_cluster::view::{ReplicaRole, SharePartitionView};
use highwater_scenario::cluster::log::Offset;
use leptos::html::Div;
use leptos::prelude::*;

use super::parts::{Heading, gone, live, seen, table};
use super::place::{Depth, Place};
use super::shares::SharesTable;
use super::strips::{Picture, Plan, StripsView};
use crate::each::Each;
use crate::format::bytes;
use crate::play::Desk;
use crate::route;
use crate::stage::shares::known_of;
use crate::texts::Text;

/// The level of a partition.
#[component]
pub fn PartitionLevel(partition: TopicPartition) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let room = NodeRef::<Div>::new();
    let width = super::strips::follow_width(room);
    let plan = Memo::new(move |_| Plan::new(width.get(), desk.is_phone.get()));
    // None follows the newest records.
    let from = RwSignal::new(None::<Offset>);
    let known = partition.clone();
    let opened = live(desk.sim, {
        let partition = partition.clone();
        move |session| {
            let window = OffsetWindow { from: from.get(), cells: plan.get().cells };
            session.world().partition_anatomy(&partition, window)
        }
    });
    let marks = seen(desk.sim, {
        let partition = partition.clone();
        move |view| readers(view, &partition)
    });
    let shares = seen(desk.sim, {
        let partition = partition.clone();
        move |view| known_of(view, &partition).cloned().collect::<Vec<_>>()
    });
    let exists = Memo::new(move |_| opened.read().is_some());
    let title = partition.to_string();
    let says = move || opened.with(|opened| opened.as_ref().map(summary).unwrap_or_default());
    let picture = Picture { opened, marks, shares, plan, from };
    view! {
        <Show when=move || exists.get() fallback=move || gone(t!("anatomy.partition-partition", partition = known))>
            <Heading over=t!("anatomy.partition") title=title.clone() says/>
            <WindowButtons opened from/>
            <div class="strips" node_ref=room>
                <StripsView picture/>
            </div>
            <Marks/>
            <Numbers opened/>
            <ReadersTable marks shares/>
            <SharesTable shares/>
        </Show>
    }
    .into_any()
}

/// Which offsets are looked at.
#[component]
fn WindowButtons(
    opened: Memo<Option<PartitionAnatomy>>,
    from: RwSignal<Option<Offset>>,
) -> impl IntoView {
    let move_by = move |direction: i64| {
        let place = opened.with_untracked(|opened| {
            let opened = opened.as_ref()?;
            let step = i64::from(opened.cells.saturating_sub(2).max(1));
            let last = (opened.end.0 - i64::from(opened.cells)).max(opened.start.0);
            let to = (opened.from.0 + direction * step).clamp(opened.start.0, last);
            Some((Offset(to), to == last && direction > 0))
        });
        if let Some((to, is_newest)) = place {
            from.set((!is_newest).then_some(to));
        }
    };
    let at_start =
        Memo::new(move |_| opened.read().as_ref().is_none_or(|opened| opened.from <= opened.start));
    let range = move || {
        opened.with(|opened| {
            opened.as_ref().map(|opened| {
                let end = opened.end.0.min(opened.from.0 + i64::from(opened.cells));
                t!(
                    "anatomy.offsets-to-to",
                    from = opened.from,
                    to = end,
                    log_start = opened.start,
                    log_end = opened.end
                )
            })
        })
    };
    view! {
        <div class="window-buttons" role="group" aria-label=t!("anatomy.which-offsets-are")>
            <button type="button" on:click=move |_| move_by(-1) disabled=move || at_start.get()>{t!("anatomy.earlier")}</button>
            <button type="button" on:click=move |_| move_by(1) disabled=move || from.get().is_none()>{t!("anatomy.later")}</button>
            <button type="button" aria-pressed=move || if from.get().is_none() { "true" } else { "false" }
                on:click=move |_| from.set(None)>{t!("anatomy.follow-newest")}</button>
            <span class="mono range">{range}</span>
        </div>
    }
    .into_any()
}

/// What the marks mean.
#[component]
fn Marks() -> impl IntoView {
    view! {
        <ul class="marks" aria-label=t!("anatomy.what-marks-mean")>
            <li><svg width="20" height="16" aria-hidden="true"><rect class="cell-under" x="1" y="1" width="18" height="14" rx="3"/></svg>{t!("anatomy.below-high-watermark")}</li>
            <li><svg width="20" height="16" aria-hidden="true"><rect class="cell-above" x="1" y="1" width="18" height="14" rx="3"/></svg>{t!("anatomy.above-it-could")}</li>
            <li><svg width="20" height="16" aria-hidden="true"><path class="struck" d="M2 15L18 1"/></svg>{t!("anatomy.aborted-transaction")}</li>
            <li><svg width="20" height="16" aria-hidden="true"><path class="open-mark" d="M2 14h16"/></svg>{t!("anatomy.open-transaction")}</li>
            <li><svg width="20" height="16" aria-hidden="true"><path class="marker" d="M4 14L10 3l6 11z"/></svg>{t!("anatomy.control-marker-abort")}</li>
            <li><svg width="20" height="16" aria-hidden="true"><path class="pennant" d="M6 15V2l8 3-8 3"/></svg>{t!("anatomy.committed-offset-group")}</li>
            <li><svg width="20" height="16" aria-hidden="true"><path class="caret" d="M5 11l5-6 5 6"/></svg>{t!("anatomy.position-its-consumer")}</li>
        </ul>
    }
    .into_any()
}

/// The same in numbers.
#[component]
fn Numbers(opened: Memo<Option<PartitionAnatomy>>) -> impl IntoView {
    const COLUMNS: &[Text] = &[
        text!("anatomy.replica"),
        text!("anatomy.role"),
        text!("anatomy.log-start"),
        text!("anatomy.lso"),
        text!("anatomy.hw"),
        text!("anatomy.leo"),
        text!("anatomy.epoch"),
        text!("anatomy.segments"),
        text!("anatomy.size"),
    ];
    let brokers = Memo::new(move |_| {
        let opened = opened.read();
        let strips = opened.as_ref().map(|opened| opened.replicas.as_slice()).unwrap_or_default();
        strips.iter().map(|strip| strip.broker).collect::<Vec<_>>()
    });
    let row = move |broker| {
        let strip = Memo::new(move |_| {
            let opened = opened.read();
            opened.as_ref()?.replicas.iter().find(|strip| strip.broker == broker).cloned()
        });
        let number = move |read: fn(&ReplicaStrip) -> String| {
            move || strip.with(|strip| strip.as_ref().map(read).unwrap_or_default())
        };
        let href = opened.with_untracked(|opened| {
            let partition = opened.as_ref().map(|opened| opened.partition.clone())?;
            Some(Place::Replica(broker, partition, Depth::Log).href(&route::page()))
        });
        view! {
            <tr>
                <th scope="row"><a href=href>{t!("anatomy.log-on-broker", broker = broker)}</a></th>
                <td class="words">{number(|strip| role_words(strip).to_owned())}</td>
                <td>{number(|strip| strip.replica.log_start_offset.to_string())}</td>
                <td>{number(|strip| strip.replica.last_stable_offset.to_string())}</td>
                <td>{number(|strip| strip.replica.high_watermark.to_string())}</td>
                <td>{number(|strip| strip.replica.log_end_offset.to_string())}</td>
                <td>{number(|strip| strip.replica.leader_epoch.to_string())}</td>
                <td>{number(|strip| strip.replica.segments.to_string())}</td>
                <td>{number(|strip| bytes(strip.replica.size_bytes))}</td>
            </tr>
        }
    };
    let rows = view! { <Each each=move || brokers.get() key=|broker| *broker children=row/> };
    table(t!("anatomy.replicas-in-numbers"), COLUMNS, rows.into_any())
}

/// Who has read to where.
#[component]
fn ReadersTable(
    marks: Memo<Vec<ReaderMark>>,
    shares: Memo<Vec<SharePartitionView>>,
) -> impl IntoView {
    const COLUMNS: &[Text] = &[
        text!("anatomy.group"),
        text!("anatomy.committed-offset"),
        text!("anatomy.position"),
        text!("anatomy.lag"),
    ];
    let row = |mark: ReaderMark| {
        let number = |offset: Option<Offset>| {
            offset.map_or_else(|| t!("anatomy.none").to_owned(), |it| it.to_string())
        };
        let position = match mark.position {
            Some((_, position)) => number(position),
            None => t!("anatomy.nobody-reads-it").to_owned(),
        };
        view! {
            <tr>
                <th scope="row">{mark.group.to_string()}</th>
                <td>{number(mark.committed)}</td>
                <td>{position}</td>
                <td>{mark.lag.map_or_else(|| t!("anatomy.unknown").to_owned(), |lag| lag.to_string())}</td>
            </tr>
        }
    };
    view! {
        <Show when=move || !marks.read().is_empty()
            fallback=move || shares.read().is_empty().then(|| view! { <p class="empty">{t!("anatomy.no-group-has")}</p> })>
            {table(t!("anatomy.who-has-read"), COLUMNS, view! { {move || marks.get().into_iter().map(row).collect_view()} }.into_any())}
        </Show>
    }
    .into_any()
}

/// What a replica is, in words.
pub fn role_words(strip: &ReplicaStrip) -> &'static str {
    match strip.replica.role {
        _ if !strip.is_running => t!("anatomy.offline"),
        ReplicaRole::Leader => t!("anatomy.leader"),
        ReplicaRole::Follower if strip.replica.in_sync => t!("anatomy.follower-in-sync"),
        ReplicaRole::Follower => t!("anatomy.follower-out-sync"),
        ReplicaRole::Offline => t!("anatomy.offline"),
    }
}

/// The partition in sentences.
fn summary(opened: &PartitionAnatomy) -> String {
    let leader = opened
        .replicas
        .iter()
        .find(|strip| strip.is_running && strip.replica.role == ReplicaRole::Leader);
    let Some(leader) = leader else {
        return t!("anatomy.no-broker-leads").to_owned();
    };
    let replica = &leader.replica;
    let water = replica.high_watermark;
    let above = u64::try_from(replica.log_end_offset.0 - water.0).unwrap_or(0);
    let above = match above {
        0 => t!("anatomy.nothing-lies-above").to_owned(),
        number => t!("anatomy.records-lie", number = number),
    };
    let stable = if replica.last_stable_offset < water {
        t!("anatomy.transaction-open-readers", last_stable_offset = replica.last_stable_offset)
    } else {
        String::new()
    };
    t!(
        "anatomy.broker-leads-it",
        broker = leader.broker,
        leader_epoch = replica.leader_epoch,
        water = water,
        above = above,
        stable = stable
    )
}
