//! The one table that all tables are: its head stays, its columns sort, its rows are gone through with the
//! arrow keys, and a row is a thing on the stage or an address.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::Go;
use crate::each::Each;
use crate::play::Desk;
use crate::subject::Subject;
use crate::texts::Text;

/// The rows that are drawn at most.
pub const MOST_ROWS: usize = 300;

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name.
    pub name: Text,
    /// What it means, where the name does not say it.
    pub says: Text,
}

/// A column whose name says what it is.
pub const fn column(name: Text) -> Column {
    Column { name, says: Text::NONE }
}

/// A column with what it means.
pub const fn told(name: Text, says: Text) -> Column {
    Column { name, says }
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What tells it from the others.
    pub key: String,
    /// What pressing it does.
    pub does: Does,
    /// Its cells, the first of which is its name.
    pub cells: Vec<Cell>,
    /// Where else it leads.
    pub links: Vec<(&'static str, Go)>,
}

/// What pressing a row does.
#[derive(Clone, Debug, PartialEq)]
pub enum Does {
    /// Nothing.
    Nothing,
    /// It selects what it is about.
    Select(Subject),
    /// It goes to an address of the page.
    Address(String),
    /// It lets a setting be changed.
    Edit(String),
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    text: String,
    aside: &'static str,
    number: Option<i128>,
    tone: &'static str,
}

/// Words.
pub fn words(text: impl ToString) -> Cell {
    Cell { text: text.to_string(), aside: "", number: None, tone: "" }
}

/// What Kafka would print so.
pub fn exact(text: impl ToString) -> Cell {
    Cell { tone: "mono", ..words(text) }
}

/// A number, with thousands parted.
pub fn number(number: u64) -> Cell {
    shown(number, crate::format::count(number))
}

/// A number that is shown in some other way.
pub fn shown(number: impl Into<i128>, text: String) -> Cell {
    Cell { number: Some(number.into()), tone: "number", ..words(text) }
}

impl Cell {
    /// The same, standing out if something is wrong.
    pub fn warns_if(mut self, is_wrong: bool) -> Self {
        if is_wrong {
            self.tone = if self.number.is_some() { "number warns" } else { "warns" };
        }
        self
    }

    /// The same, standing out without being wrong.
    pub fn strong_if(mut self, is_so: bool) -> Self {
        if is_so {
            self.tone = "strong";
        }
        self
    }

    /// The same, as a sentence that needs room.
    pub fn in_prose(mut self) -> Self {
        self.tone = "prose";
        self
    }

    /// The same, with a sentence below it.
    pub fn with(mut self, aside: &'static str) -> Self {
        self.aside = aside;
        self
    }

    fn cmp(&self, other: &Self) -> Ordering {
        self.number.cmp(&other.number).then_with(|| self.text.cmp(&other.text))
    }
}

/// Rows, found by their keys.
#[derive(Debug, PartialEq, Default)]
struct Rows {
    all: Vec<Row>,
    places: BTreeMap<String, usize>,
}

impl Rows {
    fn row(&self, key: &str) -> Option<&Row> {
        self.places.get(key).map(|place| &self.all[*place])
    }
}

/// A table.
#[component]
pub fn Grid(
    /// What it is a table of.
    #[prop(into)]
    caption: Signal<String>,
    columns: &'static [Column],
    /// What stands in it.
    #[prop(into)]
    rows: Signal<Vec<Row>>,
    /// What to say where there are no rows.
    empty: &'static str,
    /// Whether its order is its own.
    #[prop(optional)]
    is_ordered: bool,
) -> impl IntoView {
    let sorted_by = RwSignal::new(None::<(usize, bool)>);
    let rows = Memo::new(move |_| {
        let all = rows.get();
        let places = all.iter().enumerate().map(|(place, row)| (row.key.clone(), place)).collect();
        Arc::new(Rows { all, places })
    });
    let order = Memo::new(move |_| {
        let rows = rows.read();
        let mut order: Vec<&Row> = rows.all.iter().collect();
        if let Some((column, is_down)) = sorted_by.get() {
            order.sort_by(|a, b| {
                let by = a.cells[column].cmp(&b.cells[column]);
                if is_down { by.reverse() } else { by }
            });
        }
        order.into_iter().take(MOST_ROWS).map(|row| row.key.clone()).collect::<Vec<_>>()
    });
    let current = RwSignal::new(String::new());
    let is_current = move |key: &str| {
        let current = current.read();
        if rows.read().places.contains_key(&*current) {
            *current == key
        } else {
            order.read().first().is_some_and(|first| first == key)
        }
    };
    let by_key = move |event: KeyboardEvent| {
        let order = order.read_untracked();
        let at = order.iter().position(|key| untrack(|| is_current(key))).unwrap_or(0);
        let to = match event.key().as_str() {
            "ArrowDown" => at + 1,
            "ArrowUp" => at.saturating_sub(1),
            "Home" => 0,
            "End" => order.len().saturating_sub(1),
            _ => return,
        };
        event.prevent_default();
        let Some(key) = order.get(to.min(order.len().saturating_sub(1))) else { return };
        current.set(key.clone());
        let place = to.min(order.len().saturating_sub(1));
        focus_row(&event, place);
    };
    let head = columns.iter().enumerate().map(|(place, column)| {
        let is_sorted = move || sorted_by.get().filter(|(by, _)| *by == place).map(|(_, down)| down);
        let sort = move |_| {
            sorted_by.update(|by| {
                *by = match *by {
                    Some((known, false)) if known == place => Some((place, true)),
                    Some((known, true)) if known == place => None,
                    _ => Some((place, false)),
                }
            });
        };
        let title = (column.says != Text::NONE).then(|| column.says.say());
        let name = column.name.say();
        if is_ordered {
            return view! { <th scope="col" title=title>{name}</th> }.into_any();
        }
        view! {
            <th scope="col" aria-sort=move || is_sorted().map(|down| if down { "descending" } else { "ascending" })>
                <button type="button" class="sort" title=title on:click=sort>
                    {name}
                    <span aria-hidden="true">{move || match is_sorted() { Some(true) => " ▾", Some(false) => " ▴", None => "" }}</span>
                </button>
            </th>
        }
        .into_any()
    });
    let mut head: Vec<AnyView> = head.collect();
    let first = head.remove(0);
    let has_links = Memo::new(move |_| rows.read().all.iter().any(|row| !row.links.is_empty()));
    view! {
        <div class="grid" role="region" tabindex="-1" aria-label=caption>
            <table>
                <caption class="sr-only">{caption}</caption>
                <thead><tr>
                    {first}
                    <Show when=move || has_links.get()><th scope="col">{t!("tables.see")}</th></Show>
                    {head}
                </tr></thead>
                <tbody on:keydown=by_key>
                    <Each each=move || order.get() key=|key| key.clone() let:key>
                        <RowView key rows columns=columns.len() is_current=Arc::new(is_current) current/>
                    </Each>
                </tbody>
            </table>
            <Show when=move || rows.read().all.is_empty()><p class="empty">{empty}</p></Show>
            <Show when=move || { rows.read().all.len() > MOST_ROWS }>
                <p class="empty">{move || t!("tables.first-shown", shown = MOST_ROWS, all = rows.read().all.len())}</p>
            </Show>
        </div>
    }
    .into_any()
}

/// Gives the focus to the head of a row, by its place among those that are drawn.
fn focus_row(event: &KeyboardEvent, place: usize) {
    let body = event.current_target().map(JsCast::unchecked_into::<web_sys::Element>);
    let row = body.and_then(|body| body.children().item(place as u32));
    let head = row.and_then(|row| row.query_selector(".row-head").ok().flatten());
    if let Some(head) = head {
        let _ = head.unchecked_into::<web_sys::HtmlElement>().focus();
    }
}

#[component]
fn RowView(
    key: String,
    rows: Memo<Arc<Rows>>,
    columns: usize,
    is_current: Arc<dyn Fn(&str) -> bool + Send + Sync>,
    current: RwSignal<String>,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let known = key.clone();
    let row = Memo::new(move |_| rows.read().row(&known).cloned());
    let cell = move |place: usize| {
        Memo::new(move |_| row.read().as_ref().and_then(|row| row.cells.get(place).cloned()))
    };
    let is_selected = Memo::new(move |_| {
        let row = row.read();
        let Some(Row { does: Does::Select(subject), .. }) = row.as_ref() else { return false };
        desk.selected.read().as_ref() == Some(subject)
    });
    let does = Memo::new(move |_| row.read().as_ref().map(|row| row.does.clone()));
    let links = Memo::new(move |_| row.read().as_ref().map(|row| row.links.clone()));
    let press = {
        let key = key.clone();
        move || {
            current.set(key.clone());
            match does.get_untracked() {
                Some(Does::Select(subject)) => desk.selected.set(Some(subject)),
                Some(Does::Address(address)) => crate::route::go(&address),
                Some(Does::Edit(name)) => desk.tables.edited.set(Some(name)),
                Some(Does::Nothing) | None => {}
            }
        }
    };
    let stop = Memo::new(move |_| if is_current(&key) { "0" } else { "-1" });
    let first = cell(0);
    let name = move || first.get().map(|cell| cell.text).unwrap_or_default();
    let head = {
        let press = press.clone();
        move || {
            let press = press.clone();
            match does.get() {
                Some(Does::Address(address)) => {
                    view! { <a class="row-head" tabindex=stop href=address>{name}</a> }.into_any()
                }
                Some(Does::Nothing) | None => {
                    view! { <span class="row-head" tabindex=stop>{name}</span> }.into_any()
                }
                Some(_) => view! {
                    <button type="button" class="row-head" tabindex=stop
                        aria-pressed=move || is_selected.get().to_string()
                        on:click=move |event| { event.stop_propagation(); press(); }>{name}</button>
                }
                .into_any(),
            }
        }
    };
    let cells = (1..columns).map(|place| {
        let cell = cell(place);
        let text = move || cell.get().map(|cell| cell.text).unwrap_or_default();
        let aside = move || cell.get().map(|cell| cell.aside).filter(|aside| !aside.is_empty());
        view! {
            <td class=move || cell.get().map_or("", |cell| cell.tone)>
                {text}{move || aside().map(|aside| view! { <span class="aside">{aside}</span> })}
            </td>
        }
    });
    view! {
        <tr class:selected=is_selected class:presses=move || !matches!(does.get(), None | Some(Does::Nothing)) on:click=move |_| press()>
            <th scope="row">{head}{move || first.get().map(|cell| cell.aside).filter(|aside| !aside.is_empty()).map(|aside| view! { <span class="aside">{aside}</span> })}</th>
            {move || links.get().filter(|links| !links.is_empty()).map(|links| view! {
                <td class="links">
                    {links.into_iter().map(|(label, go)| view! {
                        <button type="button" class="quiet" tabindex=stop aria-label=move || t!("tables.of-label", label = label, name = name())
                            on:click=move |event| { event.stop_propagation(); desk.show_table(go.clone()); }>{label}</button>
                    }).collect_view()}
                </td>
            })}
            {cells.collect_view()}
        </tr>
    }
    .into_any()
}
