//! The picture of a partition: a strip of records for each replica. Each record is a link; the arrow
//! keys go from one to the next.

use highwater_cluster::anatomy::{
    Cell, CellKind, CellTransaction, PartitionAnatomy, ReaderMark, ReplicaStrip,
};
use highwater_cluster::ids::{BrokerId, TopicPartition};
use highwater_cluster::view::SharePartitionView;
use highwater_scenario::cluster::log::{ControlType, Offset};
use leptos::ev::KeyboardEvent;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::partition_level::role_words;
use super::parts::focus;
use super::place::{Depth, Place};
use super::readers::{ROW, ReadersView};
use super::shares::SharesView;
use crate::each::Each;
use crate::format::shorten;
use crate::route;

/// Where things stand in the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// How wide all of it is.
    pub width: f64,
    /// Where the strips begin.
    pub left: f64,
    /// How wide a record is drawn.
    pub cell: f64,
    /// How many records are drawn.
    pub cells: u32,
    /// Where a strip begins below the upper edge of its row.
    pub strip_y: f64,
    /// The height of a row.
    pub row: f64,
    /// Where the role of a replica is written: beside its strip, or on a phone above it.
    pub role: (f64, f64),
    is_narrow: bool,
}

/// The height of a strip.
pub const STRIP: f64 = 50.0;

impl Plan {
    /// The plan for a width; zero before it is known.
    pub fn new(width: f64, is_phone: bool) -> Self {
        /// Room for the end of the log and its number.
        const RIGHT: f64 = 76.0;
        let (left, cell, strip_y, row) =
            if is_phone { (4.0, 40.0, 44.0, 124.0) } else { (132.0, 38.0, 22.0, 100.0) };
        let cells = ((width - left - RIGHT) / cell).floor().clamp(4.0, 60.0);
        let role = if is_phone { (72.0, 16.0) } else { (4.0, strip_y + 37.0) };
        let (width, cells) = (width.max(300.0), cells as u32);
        Self { width, left, cell, cells, strip_y, row, role, is_narrow: is_phone }
    }

    fn name_y(&self) -> f64 {
        if self.is_narrow { 16.0 } else { self.strip_y + 19.0 }
    }

    /// Where an offset stands, in a window that begins at `from`.
    pub fn x(&self, from: Offset, offset: Offset) -> f64 {
        let place = (offset.0 - from.0).clamp(-1, i64::from(self.cells) + 1);
        self.left + place as f64 * self.cell
    }

    /// Whether the window that begins at `from` shows an offset, or the line before it.
    pub fn shows(&self, from: Offset, offset: Offset) -> bool {
        (0..=i64::from(self.cells)).contains(&(offset.0 - from.0))
    }
}

/// What is drawn.
#[derive(Clone, Copy)]
pub struct Picture {
    /// The partition.
    pub opened: Memo<Option<PartitionAnatomy>>,
    /// Who has read to where.
    pub marks: Memo<Vec<ReaderMark>>,
    /// What the share groups have made of its records.
    pub shares: Memo<Vec<SharePartitionView>>,
    /// Where things stand.
    pub plan: Memo<Plan>,
    /// The first offset; none follows the newest.
    pub from: RwSignal<Option<Offset>>,
}

/// The record that the arrow keys are at.
#[derive(Clone, Copy)]
struct Cursor {
    at: RwSignal<Option<(BrokerId, Offset)>>,
    picture: Picture,
}

/// The width of an element, as a signal that follows it.
pub fn follow_width(element: NodeRef<Div>) -> RwSignal<f64> {
    let width = RwSignal::new(0.0);
    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        let measured = element.clone();
        let callback = Closure::<dyn FnMut()>::new(move || {
            let _ = width.try_set(f64::from(measured.client_width()));
        });
        if let Ok(observer) = web_sys::ResizeObserver::new(callback.as_ref().unchecked_ref()) {
            observer.observe(&element);
            let held = StoredValue::new_local((observer, callback));
            on_cleanup(move || {
                let _ = held.try_with_value(|(observer, _)| observer.disconnect());
            });
        }
    });
    width
}

/// The strips, and the readers below them.
#[component]
pub fn StripsView(picture: Picture) -> impl IntoView {
    let Picture { opened, plan, marks, shares, .. } = picture;
    let cursor = Cursor { at: RwSignal::new(None), picture };
    let brokers = Memo::new(move |_| {
        let opened = opened.read();
        let strips = opened.as_ref().map(|opened| opened.replicas.as_slice()).unwrap_or_default();
        strips.iter().enumerate().map(|(index, strip)| (index, strip.broker)).collect::<Vec<_>>()
    });
    let strips_height = move || brokers.read().len() as f64 * plan.get().row;
    let readers_height = move || marks.read().len() as f64 * ROW;
    let height =
        move || strips_height() + 12.0 + readers_height() + shares.read().len() as f64 * ROW;
    let name = move || {
        opened.with(|opened| {
            let name = opened.as_ref().map(|opened| opened.partition.to_string());
            t!("anatomy.replicas-record-by", name = name.unwrap_or_default())
        })
    };
    view! {
        <svg role="group" aria-label=name width=move || plan.get().width height=height
            on:keydown=move |event| cursor.on_key(&event)>
            <defs>
                <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <line x1="0" y1="0" x2="0" y2="5" class="hatch-line"/>
                </pattern>
            </defs>
            <Each each=move || brokers.get() key=|place| *place let:place>
                <StripView cursor index=place.0 broker=place.1/>
            </Each>
            <ReadersView picture top=Signal::derive(move || strips_height() + 8.0)/>
            <SharesView picture top=Signal::derive(move || strips_height() + 8.0 + readers_height())/>
        </svg>
    }
    .into_any()
}

#[component]
fn StripView(cursor: Cursor, index: usize, broker: BrokerId) -> impl IntoView {
    let Picture { opened, plan, .. } = cursor.picture;
    let strip = Memo::new(move |_| {
        let opened = opened.read();
        let opened = opened.as_ref()?;
        let strip = opened.replicas.iter().find(|strip| strip.broker == broker)?;
        Some((opened.from, opened.partition.clone(), strip.clone()))
    });
    let offsets = Memo::new(move |_| {
        let strip = strip.read();
        let cells = strip.as_ref().map(|(_, _, strip)| strip.cells.as_slice()).unwrap_or_default();
        cells.iter().map(|cell| cell.offset).collect::<Vec<_>>()
    });
    let read = move |read: fn(&ReplicaStrip) -> String| {
        move || strip.with(|strip| strip.as_ref().map(|(_, _, it)| read(it)).unwrap_or_default())
    };
    let is = move |read: fn(&ReplicaStrip) -> bool| {
        move || strip.with(|strip| strip.as_ref().is_some_and(|(_, _, it)| read(it)))
    };
    let href = move || {
        strip.with(|strip| {
            let (_, partition, _) = strip.as_ref()?;
            Some(Place::Replica(broker, partition.clone(), Depth::Log).href(&route::page()))
        })
    };
    let line = move |offset: fn(&ReplicaStrip) -> Option<Offset>| {
        Memo::new(move |_| {
            let (strip, plan) = (strip.read(), plan.get());
            let (from, _, strip) = strip.as_ref()?;
            let offset = offset(strip).filter(|offset| plan.shows(*from, *offset))?;
            Some((offset, plan.x(*from, offset)))
        })
    };
    let water = line(|strip| Some(strip.replica.high_watermark));
    let end = line(|strip| Some(strip.replica.log_end_offset));
    let start = line(|strip| Some(strip.replica.log_start_offset).filter(|start| start.0 > 0));
    let stable = line(|strip| {
        let replica = &strip.replica;
        Some(replica.last_stable_offset).filter(|stable| *stable < replica.high_watermark)
    });
    view! {
        <g class="strip-row" class:offline=is(|strip| !strip.is_running)
            class:out=is(|strip| strip.is_running && !strip.replica.in_sync)
            transform=move || format!("translate(0 {})", index as f64 * plan.get().row)>
            // Alone in its group: beside others the macro would make a link of HTML of it.
            <g>
                <a class="strip-link" href=href
                    aria-label=move || t!("anatomy.log-on-broker-broker", broker = broker, role = read(|strip| role_words(strip).to_owned())())>
                    {move || hit(&plan.get())}
                </a>
            </g>
            <text class="strip-name" aria-hidden="true" x="4" y=move || plan.get().name_y()>{t!("anatomy.broker-broker", broker = broker)}</text>
            <text class="strip-role" aria-hidden="true" x=move || plan.get().role.0 y=move || plan.get().role.1>
                {read(|strip| role_words(strip).to_owned())}
            </text>
            <g transform=move || format!("translate(0 {})", plan.get().strip_y)>
                {move || bands(strip, plan.get())}
                <Each each=move || offsets.get() key=|offset| *offset let:offset>
                    <CellView cursor broker offset strip/>
                </Each>
                {move || start.get().map(|(offset, x)| view! {
                    <line class="start-line" x1=x x2=x y1="-4" y2=STRIP + 4.0/>
                    <text class="line-name" x=x y=STRIP + 20.0>{t!("anatomy.log-start-inline", offset = offset)}</text>
                })}
                {move || stable.get().map(|(offset, x)| view! {
                    <line class="stable" x1=x x2=x y1="-6" y2=STRIP + 8.0/>
                    <text class="line-name warns" x=x - 4.0 y=STRIP + 20.0 text-anchor="end">{t!("anatomy.lso-offset", offset = offset)}</text>
                })}
                {move || water.get().map(|(offset, x)| view! {
                    <line class="waterline" x1=x x2=x y1="-8" y2=STRIP + 8.0/>
                    <text class="line-name water" x=x y=STRIP + 20.0>{t!("anatomy.hw-offset", offset = offset)}</text>
                })}
                {move || end.get().map(|(offset, x)| view! {
                    <line class="end-line" x1=x + 3.0 x2=x + 3.0 y1="4" y2=STRIP - 4.0/>
                    <text class="line-name" x=x + 9.0 y=STRIP / 2.0 + 4.0>{t!("anatomy.leo-offset", offset = offset)}</text>
                })}
            </g>
        </g>
    }
    .into_any()
}

/// What is pressed to open a replica's log: the ground of its name. What is written on it stands beside it,
/// since the link has a fuller name.
fn hit(plan: &Plan) -> AnyView {
    let (top, high, wide) =
        if plan.is_narrow { (0.0, 26.0, 220.0) } else { (plan.strip_y, STRIP, plan.left - 8.0) };
    view! { <rect class="hit" x="0" y=top width=wide height=high rx="4"/> }.into_any()
}

type Drawn = Option<(Offset, TopicPartition, ReplicaStrip)>;

/// The leader epochs of a replica: every other one on a darker ground, each with its name where it begins.
fn bands(strip: Memo<Drawn>, plan: Plan) -> Option<AnyView> {
    let strip = strip.read();
    let (from, _, strip) = strip.as_ref()?;
    let epochs = &strip.replica.epochs;
    let mut free_from = 0.0;
    let drawn = epochs.iter().enumerate().filter_map(|(index, (epoch, start))| {
        let end = epochs.get(index + 1).map_or(strip.replica.log_end_offset, |(_, next)| *next);
        let last = Offset(from.0 + i64::from(plan.cells));
        let (start, end) = ((*start).max(*from), end.min(last));
        if start >= end {
            return None;
        }
        let (x, to) = (plan.x(*from, start), plan.x(*from, end));
        // Names that would run into each other give way to the newer one's tick.
        let name = (x >= free_from).then(|| t!("anatomy.epoch-epoch", epoch = epoch));
        if name.is_some() {
            free_from = x + 60.0;
        }
        Some(view! {
            <rect class="band" class:odd=index % 2 == 1 x=x y="-18" width=to - x height=STRIP + 26.0/>
            <line class="band-tick" x1=x + 0.5 x2=x + 0.5 y1="-16" y2="-4"/>
            <text class="band-name" x=x + 5.0 y="-6">{name}</text>
        })
    });
    Some(drawn.collect_view().into_any())
}

#[component]
fn CellView(cursor: Cursor, broker: BrokerId, offset: Offset, strip: Memo<Drawn>) -> impl IntoView {
    let plan = cursor.picture.plan;
    let cell = Memo::new(move |_| {
        let strip = strip.read();
        let (from, partition, strip) = strip.as_ref()?;
        let index = strip.cells.binary_search_by_key(&offset, |cell| cell.offset).ok()?;
        let cell = strip.cells.get(index)?;
        let is_under = offset < strip.replica.high_watermark;
        let segment = strip.segments.iter().rev().find(|base| **base <= offset)?;
        let href = cell.batch.filter(|_| cell.kind != CellKind::Gone).map(|batch| {
            let depth = Depth::Record(*segment, batch, offset);
            Place::Replica(broker, partition.clone(), depth).href(&route::page())
        });
        Some((plan.get().x(*from, offset), is_under, href, cell.clone()))
    });
    let part = move |read: fn(&Cell, bool) -> String| {
        move || cell.with(|cell| cell.as_ref().map(|it| read(&it.3, it.1)).unwrap_or_default())
    };
    let class = part(|cell, is_under| {
        let water = if is_under { "cell-under" } else { "cell-above" };
        if cell.kind == CellKind::Gone { "cell-gone".to_owned() } else { water.to_owned() }
    });
    let is_stop = move || match cursor.at.get() {
        Some(at) => at == (broker, offset),
        None => cursor.first() == Some((broker, offset)),
    };
    let wide = move || plan.get().cell - 2.0;
    let mark = move || cell.with(|cell| cell.as_ref().and_then(|it| mark(&it.3, plan.get().cell)));
    view! {
        <g transform=move || format!("translate({} 0)", cell.with(|cell| cell.as_ref().map_or(0.0, |it| it.0)))>
            // Alone in its group: beside others the macro would make a link of HTML of it.
            <g>
                <a class="cell" id=format!("cell-{broker}-{offset}") tabindex=move || if is_stop() { "0" } else { "-1" }
                    role=move || cell.with(|cell| cell.as_ref().is_none_or(|it| it.2.is_none()).then_some("img"))
                    href=move || cell.with(|cell| cell.as_ref().and_then(|it| it.2.clone()))
                    aria-label=part(cell_words)
                    on:focus=move |_| cursor.come_to(broker, offset)>
                    <rect class=class x="1" y="0" width=wide height=STRIP rx="4"/>
                </a>
            </g>
            <text aria-hidden="true" class="cell-key" x=move || plan.get().cell / 2.0 y="21">{part(|cell, _| cell_key(cell))}</text>
            <text aria-hidden="true" class="cell-offset" x=move || plan.get().cell / 2.0 y="42">{offset.to_string()}</text>
            {mark}
        </g>
    }
    .into_any()
}

fn cell_key(cell: &Cell) -> String {
    match (cell.kind, &cell.key) {
        (CellKind::Marker(_) | CellKind::Gone, _) => String::new(),
        (_, Some(key)) => shorten(key, 5).chars().take(5).collect(),
        (CellKind::Tombstone, None) => "null".to_owned(),
        (CellKind::Record, None) => "\u{b7}".to_owned(),
    }
}

/// What is drawn over a record: struck through, dashed below, a triangle, a cross for a tombstone.
fn mark(cell: &Cell, wide: f64) -> Option<AnyView> {
    let middle = wide / 2.0;
    let triangle = format!("M{} 25L{middle} 9l8 16z", middle - 8.0);
    Some(match (cell.kind, cell.transaction) {
        (CellKind::Marker(ControlType::Commit), _) => {
            view! { <path class="marker commit" d=triangle/> }.into_any()
        }
        (CellKind::Marker(_), _) => view! { <path class="marker" d=triangle/> }.into_any(),
        (_, CellTransaction::Aborted) => {
            view! { <path class="struck" d=format!("M5 {}L{} 4", STRIP - 4.0, wide - 5.0)/> }
                .into_any()
        }
        (_, CellTransaction::Open) => {
            view! { <path class="open-mark" d=format!("M5 {}H{}", STRIP - 4.0, wide - 5.0)/> }
                .into_any()
        }
        (CellKind::Tombstone, _) => {
            view! { <path class="tombstone" d=format!("M{} 27h8", middle - 4.0)/> }.into_any()
        }
        _ => return None,
    })
}

/// A record of a strip in words.
fn cell_words(cell: &Cell, is_under: bool) -> String {
    let offset = cell.offset;
    let what = match cell.kind {
        CellKind::Gone => {
            return t!("anatomy.offset-nothing-any", offset = offset);
        }
        CellKind::Marker(control) => {
            t!("anatomy.marker-control", control = control.name().to_lowercase())
        }
        CellKind::Tombstone => t!("anatomy.tombstone").to_owned(),
        CellKind::Record => t!("anatomy.record-inline").to_owned(),
    };
    let key = cell.key.as_ref().map(|key| t!("anatomy.key-key", key = key)).unwrap_or_default();
    let transaction = match cell.transaction {
        CellTransaction::None => "",
        CellTransaction::Open => t!("anatomy.open-transaction-after"),
        CellTransaction::Committed => t!("anatomy.committed-transaction"),
        CellTransaction::Aborted => t!("anatomy.aborted-transaction-after"),
    };
    let water = if is_under { t!("anatomy.below") } else { t!("anatomy.above") };
    t!(
        "anatomy.offset-high-watermark",
        offset = offset,
        what = what,
        key = key,
        transaction = transaction,
        water = water
    )
}

impl Cursor {
    /// The record that Tab leads to before one was chosen: the last of the first strip.
    fn first(self) -> Option<(BrokerId, Offset)> {
        let opened = self.picture.opened.read();
        let strips = opened.as_ref()?.replicas.iter();
        strips.filter_map(|strip| Some((strip.broker, strip.cells.last()?.offset))).next()
    }

    /// A record got the focus: from now on the window stands still.
    fn come_to(self, broker: BrokerId, offset: Offset) {
        let Picture { opened, from, .. } = self.picture;
        if from.get_untracked().is_none() {
            from.set(opened.with_untracked(|opened| opened.as_ref().map(|it| it.from)));
        }
        self.at.set(Some((broker, offset)));
    }

    fn on_key(self, event: &KeyboardEvent) {
        let Some((broker, offset)) = self.at.get_untracked() else { return };
        let target = event.target().and_then(|it| it.dyn_into::<web_sys::Element>().ok());
        if !target.is_some_and(|target| target.id().starts_with("cell-")) {
            return;
        }
        let cells = i64::from(self.picture.plan.get_untracked().cells);
        let (beside, by) = match event.key().as_str() {
            "ArrowLeft" => (0, -1),
            "ArrowRight" => (0, 1),
            "PageUp" => (0, -cells),
            "PageDown" => (0, cells),
            "Home" => (0, i64::MIN),
            "End" => (0, i64::MAX),
            "ArrowUp" => (-1, 0),
            "ArrowDown" => (1, 0),
            _ => return,
        };
        event.prevent_default();
        let to = self.picture.opened.with_untracked(|opened| {
            let strips = &opened.as_ref()?.replicas;
            let index = strips.iter().position(|strip| strip.broker == broker)?;
            let strip = strips.get(index.saturating_add_signed(beside).min(strips.len() - 1))?;
            let (start, end) = (strip.replica.log_start_offset.0, strip.replica.log_end_offset.0);
            let to = offset.0.saturating_add(by).clamp(start, (end - 1).max(start));
            (start < end).then_some((strip.broker, Offset(to)))
        });
        if let Some((broker, offset)) = to {
            self.go_to(broker, offset, cells);
        }
    }

    /// Brings a record into the window, and gives it the focus.
    fn go_to(self, broker: BrokerId, offset: Offset, cells: i64) {
        let from = self.picture.from.get_untracked().unwrap_or(Offset(0)).0;
        let moved = from.clamp(offset.0 - cells + 1, offset.0);
        if moved != from {
            self.picture.from.set(Some(Offset(moved.max(0))));
        }
        self.at.set(Some((broker, offset)));
        request_animation_frame(move || {
            focus(&format!("#cell-{broker}-{offset}"));
        });
    }
}
