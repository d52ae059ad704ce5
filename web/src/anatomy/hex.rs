//! A hex dump in which each field can be pointed at and named.

use highwater_cluster::anatomy::BytesAnatomy;
use highwater_scenario::cluster::log::{Field, FieldOwner};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::parts::text_of;

/// The bytes of a line.
const LINE: usize = 16;

/// The byte that is pointed at.
#[derive(Clone, Copy)]
pub struct Pointed {
    /// Its place; none before one was pointed at.
    pub at: RwSignal<Option<usize>>,
}

impl Pointed {
    /// Nothing is pointed at.
    pub fn new() -> Self {
        Self { at: RwSignal::new(None) }
    }
}

/// The dump, with what is told of the field that is pointed at. `turn` goes to another page, forth or
/// back, when the keys lead out of this one.
#[component]
pub fn HexDump(
    opened: Memo<Option<BytesAnatomy>>,
    pointed: Pointed,
    turn: Callback<isize>,
    last: Signal<bool>,
) -> impl IntoView {
    let field = Memo::new(move |_| {
        let (opened, at) = (opened.read(), pointed.at.get()?);
        let opened = opened.as_ref()?;
        opened.fields.iter().find(|field| field.range().contains(&at)).cloned()
    });
    let on_key = move |event: KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowRight" | "ArrowDown" => 1,
            "ArrowLeft" | "ArrowUp" => -1,
            "Home" => isize::MIN,
            "End" => isize::MAX,
            _ => return,
        };
        event.prevent_default();
        let to =
            opened.with_untracked(|opened| next_field(opened.as_ref()?, field.get_untracked(), by));
        match to {
            Some(at) => pointed.at.set(Some(at)),
            None if by == 1 && !last.get_untracked() => turn.run(1),
            None if by == -1 => turn.run(-1),
            None => {}
        }
    };
    view! {
        <div class="dump">
            <div class="hex" role="application" tabindex="0"
                aria-label=t!("anatomy.hex-dump-arrow") aria-describedby="field"
                on:keydown=on_key>
                {move || opened.with(|opened| opened.as_ref().map(|opened| lines(opened, field, pointed)))}
            </div>
            <div class="field" id="field" role="status">
                {move || match field.get() {
                    Some(field) => opened.with(|opened| told(&field, opened.as_ref())),
                    None => view! { <p class="empty">{t!("anatomy.no-field-chosen")}</p> }.into_any(),
                }}
            </div>
        </div>
    }
    .into_any()
}

/// The first byte of the field that a key leads to; none if it lies on another page.
fn next_field(opened: &BytesAnatomy, now: Option<Field>, by: isize) -> Option<usize> {
    let fields = &opened.fields;
    let index = now.and_then(|now| fields.iter().position(|field| field.at == now.at));
    let next = match (index, by) {
        (_, isize::MIN) | (None, _) => 0,
        (_, isize::MAX) => fields.len().checked_sub(1)?,
        (Some(index), by) => index.checked_add_signed(by)?,
    };
    let window = opened.at..opened.at + opened.bytes.len();
    fields.get(next).map(|field| field.at.clamp(window.start, window.end.saturating_sub(1)))
}

fn told(field: &Field, opened: Option<&BytesAnatomy>) -> AnyView {
    let owner = match field.owner {
        FieldOwner::Header => t!("anatomy.batch-header").to_owned(),
        FieldOwner::Record(index) => t!("anatomy.record-batch", index = index + 1),
        FieldOwner::Compressed => t!("anatomy.all-records").to_owned(),
    };
    let content = opened.filter(|_| field.is_content()).map(|opened| {
        let window = opened.at..opened.at + opened.bytes.len();
        let shown = field.at.max(window.start) - opened.at
            ..(field.at + field.len).min(window.end) - opened.at;
        text_of(opened.bytes.get(shown))
    });
    let value = content.unwrap_or_else(|| field.value.clone());
    let bytes = if field.len == 1 {
        t!("anatomy.byte", at = field.at)
    } else {
        t!("anatomy.bytes-to", first = field.at, last = field.at + field.len - 1)
    };
    view! {
        <p class="over">{format!("{owner}, {bytes}")}</p>
        <p class="field-name mono">{field.name}</p>
        <p class="field-value mono">{value}</p>
    }
    .into_any()
}

fn lines(opened: &BytesAnatomy, field: Memo<Option<Field>>, pointed: Pointed) -> AnyView {
    let line = |(index, bytes): (usize, &[u8])| {
        let at = opened.at + index * LINE;
        let cells = bytes.iter().enumerate().map(|(place, byte)| {
            let at = at + place;
            let own = opened.fields.iter().position(|field| field.range().contains(&at));
            let owner = own.and_then(|own| opened.fields.get(own)).map(|own| own.owner);
            let is_odd = own.is_some_and(|own| own % 2 == 1);
            let is_on = move || {
                field.with(|field| field.as_ref().is_some_and(|it| it.range().contains(&at)))
            };
            view! {
                <span class="byte" class:odd=is_odd class:header=owner == Some(FieldOwner::Header)
                    class:on=is_on
                    on:pointerenter=move |_| pointed.at.set(Some(at))
                    on:click=move |_| pointed.at.set(Some(at))>
                    {format!("{byte:02x}")}
                </span>
            }
        });
        let letters: String = bytes.iter().map(|byte| letter(*byte)).collect();
        view! {
            <div class="line">
                <span class="at">{format!("{at:06x}")}</span>
                <span class="line-bytes">{cells.collect_view()}</span>
                <span class="letters">{letters}</span>
            </div>
        }
    };
    let lines = opened.bytes.chunks(LINE).enumerate().map(line).collect_view();
    view! { <div aria-hidden="true">{lines}</div> }.into_any()
}

/// A byte as a letter; a dot for what is none.
pub fn letter(byte: u8) -> char {
    if byte.is_ascii_graphic() || byte == b' ' { char::from(byte) } else { '.' }
}
