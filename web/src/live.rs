//! `#/live`: the cluster of `highwater serve --ui`, open to clients from outside. The native program tells what is written into its
//! scenario, and how far its clock is; the page plays the same engine. What is done here is written there.

use highwater_cluster::time::Time;
use highwater_cluster::view::RealClientView;
use highwater_scenario::session::Session;
use leptos::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{EventSource, MessageEvent, RequestInit, Response};

use crate::clipboard;
use crate::each::Each;
use crate::format::{clock, count};
use crate::play::Desk;
use crate::sim::{Live, Sim};
use crate::subject::Subject;

/// Where the page hears of the cluster, and where it writes to, seen from the page itself.
const EVENTS: &str = "live/events";
const ENTRY: &str = "live/entry";

/// How to have a cluster served.
const COMMAND: &str = "cargo run --release -p highwater-cli -- serve --ui 8080";

/// The page was told something else than what it came to, so often in a row: asking once more will not help.
const MOST_DIFFERENCES: u32 = 3;

/// How it stands with the program that plays the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// It has not answered yet.
    Opening,
    /// It tells what happens.
    Told,
    /// It does not answer any more.
    Lost,
    /// It goes on, and what it does is not written down any more.
    Full,
    /// There is none.
    None,
}

/// What the page knows of it.
#[derive(Clone, Copy)]
struct Served {
    sim: Sim,
    reach: RwSignal<Reach>,
    /// Where clients connect.
    servers: RwSignal<String>,
    /// Why what was done here was refused.
    refused: RwSignal<Option<String>>,
    stream: StoredValue<Option<Stream>, LocalStorage>,
    differences: StoredValue<u32>,
}

/// What is heard first: all that was.
#[derive(Deserialize)]
struct Begin {
    script: String,
    at: u64,
    servers: String,
}

/// How far the clock is; with the count of events, if none of that instant are missing.
#[derive(Deserialize)]
struct Clock {
    at: u64,
    events: Option<u64>,
}

/// What stands beside the stage of a cluster that is played elsewhere.
#[component]
pub fn LivePanel() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let sim = desk.sim;
    let served = Served {
        sim,
        reach: RwSignal::new(Reach::Opening),
        servers: RwSignal::new(String::new()),
        refused: RwSignal::new(None),
        stream: StoredValue::new_local(None),
        differences: StoredValue::new(0),
    };
    served.listen();
    Effect::new(move |_| {
        if sim.live.get() == Some(Live::Differs) {
            served.begin_anew();
        }
    });
    on_cleanup(move || {
        served.stream.try_update_value(Option::take);
        sim.leave_live();
    });
    let clients = move || sim.calm.with(|view| view.real_clients.clone());
    view! {
        <section class="guide live" aria-label=t!("live.title")>
            <p class="over">{t!("live.over")}</p>
            <h2 class="title">{t!("live.head")}</h2>
            <p class="lead">{t!("live.lead")}</p>
            <Status served/>
            {move || served.refused.get().map(|reason| view! {
                <p class="error" role="alert">{t!("live.refused", reason = reason)}</p>
            })}
        </section>
        <Show when=move || served.reach.get() != Reach::None>
            <section class="guide live" aria-label=t!("live.where")>
                <h2>{t!("live.where")}</h2>
                <Snippet text=Signal::derive(move || format!("bootstrap.servers={}", served.servers.get()))/>
                <p class="aside">{t!("live.such-as")}</p>
                <Snippet text=Signal::derive(move || program(&served.servers.read()))/>
            </section>
            <section class="guide live" aria-label=t!("live.clients")>
                <h2>{t!("live.clients")}</h2>
                <Show when=move || !clients().is_empty() fallback=|| view! { <p class="empty">{t!("live.nobody")}</p> }>
                    <ul class="actions">
                        <Each each=clients key=|client| (client.client, client.records_produced(), client.records_fetched(), client.group.clone()) let:client>
                            <Client client/>
                        </Each>
                    </ul>
                </Show>
                <p class="aside">{t!("live.past-says")}</p>
            </section>
        </Show>
    }
    .into_any()
}

/// How it stands, and the way to the present.
#[component]
fn Status(served: Served) -> impl IntoView {
    let sim = served.sim;
    let words = move || match (served.reach.get(), sim.live.get()) {
        (Reach::Opening, _) => t!("live.opening").to_owned(),
        (Reach::None, _) => String::new(),
        (Reach::Lost, _) => t!("live.lost").to_owned(),
        (Reach::Full, _) => t!("live.full").to_owned(),
        (Reach::Told, Some(Live::Past)) => {
            let now = sim.clock.get();
            let behind_us = sim.live_at().map_or(0, |at| at.0.saturating_sub(now.0));
            t!("live.past", clock = clock(now), seconds = count(behind_us / 1_000_000))
        }
        (Reach::Told, Some(Live::Differs)) => t!("live.differs").to_owned(),
        (Reach::Told, _) => t!("live.keeps-up").to_owned(),
    };
    let is_past = move || served.reach.get() == Reach::Told && sim.live.get() == Some(Live::Past);
    let kind = move || match (served.reach.get(), sim.live.get()) {
        (Reach::Lost | Reach::Full, _) | (_, Some(Live::Differs)) => "lost",
        (_, Some(Live::Past)) => "past",
        _ => "now",
    };
    view! {
        <Show when=move || served.reach.get() == Reach::None fallback=move || view! {
            <p class="live-status" data-live=kind>{words}</p>
        }>
            <p>{t!("live.none")} " " <code>{COMMAND}</code> " " {t!("live.none-then")}</p>
        </Show>
        <Show when=is_past>
            <p><button type="button" class="main" on:click=move |_| sim.keep_up()>{t!("live.to-now")}</button></p>
        </Show>
    }
    .into_any()
}

/// Text to be copied.
#[component]
fn Snippet(text: Signal<String>) -> impl IntoView {
    let said = RwSignal::new(None);
    view! {
        <pre class="snippet" tabindex="0"><code>{text}</code></pre>
        <p class="sources">
            <button type="button" on:click=move |_| clipboard::copy(text.get_untracked(), said)>
                {clipboard::label(said, t!("live.copy"))}
            </button>
        </p>
    }
    .into_any()
}

/// A client, and what it has done.
#[component]
fn Client(client: RealClientView) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let select = desk.selecting(Subject::RealClient(client.client));
    let records = t!(
        "live.records",
        produced = count(client.records_produced()),
        fetched = count(client.records_fetched())
    );
    let software = client.software.as_deref().map(str::to_owned);
    let group = client.group.as_ref().map(|group| t!("live.of-group", group = group));
    let facts: Vec<String> = software.into_iter().chain([records]).chain(group).collect();
    view! {
        <li>
            <button type="button" on:click=move |_| select()>{client.name.to_string()}</button>
            <p class="aside">{facts.join(" \u{b7} ")}</p>
        </li>
    }
    .into_any()
}

impl Served {
    /// Hears what the program tells.
    fn listen(self) {
        let stream = Stream::open(move |event, data| match event {
            "begin" => {
                if let Some(begin) = read::<Begin>(&data) {
                    self.begin(&begin);
                }
            }
            "entries" => {
                if let Some(entries) = read::<String>(&data) {
                    self.sim.take_over(&entries);
                }
            }
            "clock" => {
                if let Some(clock) = read::<Clock>(&data) {
                    self.sim.is_at(Time(clock.at), clock.events);
                }
            }
            "full" => {
                self.reach.set(Reach::Full);
                self.stream.try_update_value(Option::take);
            }
            _ => {
                let was = self.reach.get_untracked();
                let is_known = matches!(was, Reach::Told | Reach::Lost);
                self.reach.set(if is_known { Reach::Lost } else { Reach::None });
            }
        });
        self.stream.set_value(stream);
        if self.stream.with_value(Option::is_none) {
            self.reach.set(Reach::None);
        }
    }

    fn begin(self, begin: &Begin) {
        self.reach.set(Reach::Told);
        let Ok(session) = Session::parse(&begin.script) else {
            // It was read by a program that is not of the same build.
            self.sim.differs();
            return;
        };
        self.servers.set(begin.servers.clone());
        self.sim.follow(session, Time(begin.at), Box::new(move |entry| self.hand_over(entry)));
    }

    /// The page has come to something else: it asks for all of it once more.
    fn begin_anew(self) {
        self.differences.update_value(|count| *count += 1);
        if self.differences.get_value() <= MOST_DIFFERENCES {
            self.listen();
        }
    }

    /// Has an entry done there.
    fn hand_over(self, entry: String) {
        spawn_local(async move {
            let reason = match post(&entry).await {
                Ok(reason) => reason,
                Err(()) => Some(t!("live.unreachable").to_owned()),
            };
            let _ = self.refused.try_set(reason);
        });
    }
}

/// Sends an entry; returns why it was refused, if it was.
async fn post(entry: &str) -> Result<Option<String>, ()> {
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_body(&entry.into());
    let answer = JsFuture::from(window().fetch_with_str_and_init(ENTRY, &request)).await;
    let answer: Response = answer.and_then(JsCast::dyn_into).map_err(|_| ())?;
    if answer.ok() {
        return Ok(None);
    }
    let text = JsFuture::from(answer.text().map_err(|_| ())?).await.map_err(|_| ())?;
    Ok(Some(text.as_string().unwrap_or_default()))
}

/// What the program says; it is of the same build as the page, and says nothing else.
fn read<T: DeserializeOwned>(data: &str) -> Option<T> {
    serde_json::from_str(data).ok()
}

/// What the program tells, for as long as this is kept.
struct Stream {
    source: EventSource,
    _listeners: Vec<Closure<dyn Fn(MessageEvent)>>,
}

impl Stream {
    /// Hears of the events by their names; `error` if the program cannot be heard.
    fn open(hear: impl Fn(&str, String) + Copy + 'static) -> Option<Self> {
        let source = EventSource::new(EVENTS).ok()?;
        let listeners = ["begin", "entries", "clock", "full", "error"].map(|name| {
            let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                hear(name, event.data().as_string().unwrap_or_default());
            });
            let function = listener.as_ref().unchecked_ref();
            source.add_event_listener_with_callback(name, function).ok()?;
            Some(listener)
        });
        Some(Self { source, _listeners: listeners.into_iter().collect::<Option<_>>()? })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.close();
    }
}

/// The shortest program that sends a record.
fn program(servers: &str) -> String {
    let first = servers.split(',').next().unwrap_or_default();
    format!(
        "from kafka import KafkaProducer\n\
         producer = KafkaProducer(bootstrap_servers=\"{first}\")\n\
         producer.send(\"greetings\", b\"hello\").get(timeout=10)"
    )
}
