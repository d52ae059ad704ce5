//! The messages of a topic or of one of its partitions, page by page, and what is found among them.

use highwater_cluster::anatomy::{CellKind, CellTransaction, DecodedPart};
use highwater_cluster::ids::{PartitionIndex, TopicName};
use highwater_cluster::tables::{Found, MessageOrder, MessageQuery, MessageRow, MessageStart};
use highwater_scenario::cluster::log::{Offset, TimestampMs};
use leptos::prelude::*;

use super::grid::{Column, Does, Grid, Row, column, exact, shown, told, words};
use crate::anatomy::place::{Depth, Place};
use crate::anatomy::text_of;
use crate::format::{clock, count};
use crate::play::Desk;
use crate::route;
use highwater_cluster::time::Time;

/// The messages of a page.
const PAGE: usize = 50;

/// How many messages one step of a search looks at; while time runs, when a step comes with each picture, fewer.
const SEARCHED: usize = 20_000;
const SEARCHED_IN_PASSING: usize = 4_000;

/// The letters of a value that are shown.
const LETTERS: usize = 160;

const COLUMNS: &[Column] = &[
    told(text!("tables.message"), text!("tables.its-partition-and")),
    told(text!("tables.timestamp"), text!("tables.as-clock-page")),
    column(text!("tables.key")),
    column(text!("tables.value")),
    column(text!("tables.headers")),
    told(text!("tables.marks"), text!("tables.transactions-control-records")),
];

/// What was asked, as it stands in the fields.
#[derive(Clone, Debug, PartialEq)]
struct Asked {
    topic: Option<TopicName>,
    partition: Option<PartitionIndex>,
    order: MessageOrder,
    start: Result<MessageStart, &'static str>,
    search: String,
}

/// The messages.
#[component]
pub fn Messages() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let sim = desk.sim;
    let of = desk.tables.messages;
    let is_oldest = RwSignal::new(false);
    let start = RwSignal::new("edge".to_owned());
    let place = RwSignal::new(String::new());
    let search = RwSignal::new(String::new());
    let topics = Memo::new(move |_| {
        let view = sim.calm.read();
        let of_kind = |internal| view.topics.iter().filter(move |it| it.is_internal == internal);
        let all = of_kind(false).chain(of_kind(true));
        all.map(|it| (it.name.clone(), it.partitions.len())).collect::<Vec<_>>()
    });
    // Until a topic is chosen, the first one is shown.
    let topic = Memo::new(move |_| {
        let chosen = of.read().0.clone();
        chosen.or_else(|| topics.read().first().map(|(name, _)| name.clone()))
    });
    let asked = Memo::new(move |_| Asked {
        topic: topic.get(),
        partition: of.read().1,
        order: if is_oldest.get() { MessageOrder::Oldest } else { MessageOrder::Newest },
        start: start_of(&start.read(), &place.read(), sim.read(|it| it.world().spec().start)),
        search: search.get(),
    });
    let query = move |most_searched: usize| {
        let asked = asked.get();
        Some(MessageQuery {
            topic: asked.topic?,
            partition: asked.partition,
            order: asked.order,
            start: asked.start.ok()?,
            search: asked.search,
            most: PAGE,
            most_searched,
        })
    };
    // What changes what there is to see: nothing else reads the logs again.
    let stamp = Memo::new(move |_| topic.with(|topic| stamp(sim, topic.as_ref())));
    let gone_on = RwSignal::new(None::<Found>);
    Effect::new(move |_| {
        asked.track();
        sim.loaded.track();
        gone_on.set(None);
    });
    let live = Memo::new(move |_| {
        stamp.track();
        let is_passing = sim.playing.get();
        let query = query(if is_passing { SEARCHED_IN_PASSING } else { SEARCHED })?;
        sim.read(|session| session.world().messages(&query, None)).flatten()
    });
    let found = move || gone_on.get().or_else(|| live.get());
    let go_on = move |_| {
        let (Some(before), Some(query)) = (untrack(found), untrack(|| query(SEARCHED))) else {
            return;
        };
        let next = sim.read(|it| it.world().messages(&query, Some(&before.cursor))).flatten();
        let Some(mut next) = next else { return };
        // What a page that is not full has found so far is kept.
        if before.rows.len() < PAGE {
            next.rows.splice(0..0, before.rows);
        }
        gone_on.set(Some(next));
    };
    let rows = Memo::new(move |_| {
        // The page may change behind the table.
        desk.place.track();
        let page = route::page();
        let start = sim.read(|it| it.world().spec().start).unwrap_or(TimestampMs(0));
        let rows = found().map(|found| found.rows).unwrap_or_default();
        rows.iter().map(|message| row(message, &page, start)).collect::<Vec<_>>()
    });
    let partitions = move || {
        let topic = topic.get();
        let topics = topics.read();
        topics.iter().find(|(name, _)| Some(name) == topic.as_ref()).map_or(0, |(_, count)| *count)
    };
    let choose_topic = move |event| {
        of.set((Some(TopicName::from(&*event_target_value(&event))), None));
    };
    let choose_partition = move |event| {
        let index = event_target_value(&event).parse().ok().map(PartitionIndex);
        of.set((topic.get_untracked(), index));
    };
    let caption = Signal::derive(move || match topic.get() {
        Some(topic) => t!("tables.messages-topic", topic = topic),
        None => t!("tables.messages").to_owned(),
    });
    view! {
        <div class="table-bar" role="group" aria-label=t!("tables.which-messages")>
            <label>{t!("tables.topic")}
                <select on:change=choose_topic>
                    {move || topics.get().into_iter().map(|(name, _)| {
                        let is_it = topic.get().as_ref() == Some(&name);
                        view! { <option value=name.to_string() selected=is_it>{name.to_string()}</option> }
                    }).collect_view()}
                </select>
            </label>
            <label>{t!("tables.partition-before")}
                <select on:change=choose_partition>
                    <option value="" selected=move || of.read().1.is_none()>{t!("tables.all")}</option>
                    {move || (0..partitions()).map(|index| {
                        let is_it = move || of.read().1 == i32::try_from(index).ok().map(PartitionIndex);
                        view! { <option value=index.to_string() selected=is_it>{index.to_string()}</option> }
                    }).collect_view()}
                </select>
            </label>
            <label>{t!("tables.first")}
                <select on:change=move |event| is_oldest.set(event_target_value(&event) == "oldest")>
                    <option value="newest">{t!("tables.newest")}</option>
                    <option value="oldest">{t!("tables.oldest")}</option>
                </select>
            </label>
            <label>{t!("tables.from-before")}
                <select on:change=move |event| start.set(event_target_value(&event))>
                    <option value="edge">{t!("tables.end-or-beginning")}</option>
                    <option value="offset">{t!("tables.offset-inline")}</option>
                    <option value="time">{t!("tables.time")}</option>
                </select>
            </label>
            <Show when=move || *start.read() != "edge">
                <input type="text" class="short" autocomplete="off" spellcheck="false"
                    aria-label=move || if *start.read() == "time" { t!("tables.time-such-as") } else { t!("tables.offset") }
                    placeholder=move || if *start.read() == "time" { "00:12.500" } else { "0" }
                    bind:value=place/>
            </Show>
            <input type="search" aria-label=t!("tables.search-in-key") placeholder=t!("tables.search-or-key")
                autocomplete="off" spellcheck="false" bind:value=search/>
        </div>
        <Grid caption=caption columns=COLUMNS rows empty=t!("tables.no-message-here") is_ordered=true/>
        <p class="table-foot">
            <span role="status">{move || match asked.read().start {
                Err(wrong) => wrong.to_owned(),
                Ok(_) => found().map_or_else(|| t!("tables.there-no-such").to_owned(), |found| said(&found, &search.read())),
            }}</span>
            <Show when=move || found().is_some_and(|found| !found.is_all)>
                <button type="button" on:click=go_on>{t!("tables.go-on")}</button>
            </Show>
            <Show when=move || gone_on.read().is_some()>
                <button type="button" class="quiet" on:click=move |_| gone_on.set(None)>{t!("tables.back-to-first")}</button>
            </Show>
        </p>
    }
    .into_any()
}

/// Where the logs of a topic begin and end: what tells whether there is something else to be seen.
fn stamp(sim: crate::sim::Sim, topic: Option<&TopicName>) -> Vec<(i64, i64, i64, i64, u64)> {
    let view = sim.calm.read();
    let replicas = view.brokers.iter().flat_map(|broker| &broker.replicas);
    let own = replicas.filter(|replica| Some(&replica.partition.topic) == topic);
    own.map(|it| {
        (
            it.log_start_offset.0,
            it.last_stable_offset.0,
            it.high_watermark.0,
            it.log_end_offset.0,
            it.size_bytes,
        )
    })
    .collect()
}

fn start_of(
    kind: &str,
    typed: &str,
    beginning: Option<TimestampMs>,
) -> Result<MessageStart, &'static str> {
    let typed = typed.trim();
    match kind {
        "offset" => typed
            .parse()
            .map(|offset| MessageStart::Offset(Offset(offset)))
            .map_err(|_| t!("tables.type-offset-whole")),
        "time" => {
            let millis = millis_of(typed).ok_or(t!("tables.type-time-as"))?;
            let beginning = beginning.unwrap_or(TimestampMs(0));
            Ok(MessageStart::Time(TimestampMs(beginning.0.saturating_add(millis))))
        }
        _ => Ok(MessageStart::Edge),
    }
}

/// `1:02.5`: minutes and seconds; hours before them if there are any.
fn millis_of(typed: &str) -> Option<i64> {
    let (whole, decimals) = typed.split_once('.').unwrap_or((typed, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    if !is_number(decimals) || decimals.len() > 3 || whole.split(':').count() > 3 {
        return None;
    }
    let mut seconds: i64 = 0;
    for part in whole.split(':') {
        let part: i64 = Some(part).filter(|part| is_number(part))?.parse().ok()?;
        seconds = seconds.checked_mul(60)?.checked_add(part)?;
    }
    let millis: i64 = format!("{decimals:0<3}").parse().ok()?;
    seconds.checked_mul(1_000)?.checked_add(millis)
}

/// How far this has come.
fn said(found: &Found, search: &str) -> String {
    let (searched, total) = (count(found.cursor.searched), count(found.cursor.total));
    let rows = found.rows.len();
    match (search.trim().is_empty(), found.is_all) {
        (true, true) => t!("tables.shown-that-all", rows = rows),
        (true, false) => {
            t!("tables.shown-records-passed", rows = rows, searched = searched, total = total)
        }
        (false, true) => t!("tables.found-searched-all", rows = rows, total = total),
        (false, false) => {
            t!("tables.found-searched-records", rows = rows, searched = searched, total = total)
        }
    }
}

fn row(message: &MessageRow, page: &str, start: TimestampMs) -> Row {
    let record = &message.record;
    let depth = Depth::Record(message.segment, message.batch, record.offset);
    let place = Place::Replica(message.broker, message.partition.clone(), depth);
    let (key, value) = match &message.decoded {
        Some(decoded) => {
            (fields(&decoded.key), decoded.value.as_ref().map_or_else(|| "null".to_owned(), fields))
        }
        None if matches!(message.kind, CellKind::Marker(_)) => (String::new(), String::new()),
        None => (text_of(record.key.as_deref()), text_of(record.value.as_deref())),
    };
    let headers = record.headers.iter().map(|header| {
        format!("{}={}", text_of(Some(&header.key)), text_of(header.value.as_deref()))
    });
    let headers: Vec<String> = headers.collect();
    let name = format!("{} @ {}", message.partition, record.offset);
    Row {
        key: name.clone(),
        does: Does::Address(place.href(page)),
        cells: vec![
            exact(name),
            shown(record.timestamp.0, when(record.timestamp, start)),
            exact(cut(&key)),
            exact(cut(&value)),
            exact(cut(&headers.join(", "))),
            words(marks(message)).warns_if(message.transaction == CellTransaction::Aborted),
        ],
        links: Vec::new(),
    }
}

fn when(at: TimestampMs, start: TimestampMs) -> String {
    match u64::try_from(at.0.saturating_sub(start.0)) {
        Ok(millis) if millis < 1_000_000_000_000 => clock(Time(millis * 1_000)),
        _ => at.to_string(),
    }
}

fn fields(part: &DecodedPart) -> String {
    let fields = part.fields.iter().map(|(name, value)| format!("{name}={value}"));
    format!("{}: {}", part.schema, fields.collect::<Vec<_>>().join(", "))
}

fn marks(message: &MessageRow) -> String {
    let kind = match message.kind {
        CellKind::Marker(control) => t!("tables.control", control = control.name()),
        CellKind::Tombstone => t!("tables.tombstone").to_owned(),
        CellKind::Record | CellKind::Gone => String::new(),
    };
    let transaction = match message.transaction {
        CellTransaction::None => "",
        CellTransaction::Open => t!("tables.transaction-open"),
        CellTransaction::Committed => t!("tables.transaction-committed"),
        CellTransaction::Aborted => t!("tables.transaction-aborted"),
    };
    let water =
        if message.is_below_high_watermark { "" } else { t!("tables.above-high-watermark") };
    let marks = [kind.as_str(), transaction, water];
    marks.into_iter().filter(|mark| !mark.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Cuts what is too long for a row; the record's own page has all of it.
fn cut(text: &str) -> String {
    match text.char_indices().nth(LETTERS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::millis_of;

    #[test]
    fn times_are_read_as_the_clock_shows_them() {
        for (typed, millis) in [
            ("00:12.500", Some(12_500)),
            ("12", Some(12_000)),
            ("1:02:03.04", Some(3_723_040)),
            ("0.5", Some(500)),
            ("", None),
            ("1:", None),
            ("-3", None),
            ("1.2345", None),
            ("1:1:1:1", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(millis_of(typed), millis, "{typed:?}");
        }
    }
}
