//! The bytes of a batch: as they lie in the file, and once its records are decompressed. Each byte has
//! a name, told as one points at it or moves through the fields with the arrow keys.

use highwater_cluster::anatomy::BytesAnatomy;
use highwater_cluster::ids::{BrokerId, TopicPartition};
use highwater_scenario::cluster::log::{Field, FieldOwner, Offset};
use leptos::prelude::*;

use super::hex::{HexDump, Pointed};
use super::parts::{Heading, gone, live};
use crate::play::Desk;

/// The bytes that are shown at once.
const PAGE: usize = 512;

/// The level of bytes.
#[component]
pub fn BytesLevel(
    broker: BrokerId,
    partition: TopicPartition,
    offset: Offset,
    /// The record that one came from.
    record: Option<Offset>,
) -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    // Where one came from a record that is compressed, its bytes are to be seen at once.
    let unpacked = RwSignal::new(record.is_some());
    let page = RwSignal::new(0_usize);
    let pointed = Pointed::new();
    let whole = {
        let partition = partition.clone();
        move |unpacked: bool| {
            let place = record.unwrap_or(offset);
            sim.read(|session| {
                let world = session.world();
                world.bytes_anatomy(broker, &partition, place, unpacked, &(0..usize::MAX))
            })
            .flatten()
        }
    };
    // Opened from a record, the page with its first byte is shown, and that field is named.
    if let Some(record) = record
        && let Some(bytes) = whole(true)
        && let Some(field) = bytes.fields.iter().find(|field| is_start_of(field, record, &bytes))
    {
        page.set(field.at / PAGE);
        pointed.at.set(Some(field.at));
    }
    let opened = live(sim, move |session| {
        let from = page.get() * PAGE;
        let window = from..from + PAGE;
        session.world().bytes_anatomy(broker, &partition, offset, unpacked.get(), &window)
    });
    let exists = Memo::new(move |_| opened.read().is_some());
    let is_compressed =
        Memo::new(move |_| opened.read().as_ref().is_some_and(|it| it.is_compressed));
    let says = move || {
        opened.with(|it| it.as_ref().map(|it| summary(it, unpacked.get())).unwrap_or_default())
    };
    let pages =
        Memo::new(move |_| opened.read().as_ref().map_or(1, |it| it.total.div_ceil(PAGE).max(1)));
    let turn = move |by: isize| {
        page.update(|page| *page = page.saturating_add_signed(by).min(pages.get_untracked() - 1));
        pointed.at.set(None);
    };
    view! {
        <Show when=move || exists.get() fallback=move || gone(t!("anatomy.batch-offset", offset = offset))>
            <Heading over=t!("anatomy.bytes") title=t!("anatomy.bytes-batch", offset = offset) says/>
            <Show when=move || is_compressed.get()>
                <div class="window-buttons" role="group" aria-label=t!("anatomy.which-bytes")>
                    <button type="button" aria-pressed=move || pressed(!unpacked.get())
                        on:click=move |_| { unpacked.set(false); page.set(0); pointed.at.set(None); }>{t!("anatomy.as-in-file")}</button>
                    <button type="button" aria-pressed=move || pressed(unpacked.get())
                        on:click=move |_| { unpacked.set(true); page.set(0); pointed.at.set(None); }>{t!("anatomy.records-decompressed")}</button>
                </div>
            </Show>
            <HexDump opened pointed turn=Callback::new(turn) last=Signal::derive(move || page.get() + 1 >= pages.get())/>
            <Show when=move || { pages.get() > 1 }>
                <div class="window-buttons" role="group" aria-label=t!("anatomy.which-page-bytes")>
                    <button type="button" disabled=move || page.get() == 0 on:click=move |_| turn(-1)>{t!("anatomy.earlier-bytes")}</button>
                    <button type="button" disabled=move || { page.get() + 1 >= pages.get() } on:click=move |_| turn(1)>{t!("anatomy.later-bytes")}</button>
                    <span class="range">{move || t!("anatomy.page", page = page.get() + 1, pages = pages.get())}</span>
                </div>
            </Show>
        </Show>
    }
    .into_any()
}

/// Whether a record begins with this field.
fn is_start_of(field: &Field, record: Offset, bytes: &BytesAnatomy) -> bool {
    let FieldOwner::Record(_) = field.owner else { return false };
    let is_delta = |other: &&Field| {
        other.owner == field.owner
            && other.name == "offsetDelta"
            && other.value.ends_with(&format!("so the offset is {record}"))
    };
    field.name == "length" && bytes.fields.iter().any(|other| is_delta(&other))
}

fn summary(bytes: &BytesAnatomy, unpacked: bool) -> String {
    let what = match (bytes.is_compressed, unpacked) {
        (true, true) => t!("anatomy.records-once-they"),
        (true, false) => t!("anatomy.in-file-61"),
        (false, _) => t!("anatomy.in-file-61-inline"),
    };
    t!("anatomy.bytes-crc-covers", total = bytes.total, what = what)
}

fn pressed(is: bool) -> &'static str {
    if is { "true" } else { "false" }
}
