//! The desk: the stage with the panels around it. Free play, exercises and questions share it; they
//! differ in what stands on the left.

use std::sync::Arc;

use leptos::prelude::*;

use crate::anatomy::Anatomy;
use crate::anatomy::place::Place;
use crate::charts::Charts;
use crate::forms::{Asked, FormDialog};
use crate::inspector::Inspector;
use crate::log_panel::LogPanel;
use crate::lower::LowerTabs;
use crate::metrics_panel::MetricsPanel;
use crate::narration::Narration;
use crate::opened::Following;
use crate::route;
use crate::sheets::SheetHandle;
use crate::shows::Shows;
use crate::sim::Sim;
use crate::splits::Splits;
use crate::stage::{self, Stage};
use crate::subject::Subject;
use crate::tables::{self, TablesPanel};
use crate::terminal::Terminal;
use crate::texts::Text;
use crate::timeline::Timeline;
use crate::transport::Transport;

/// What all parts of the page share.
#[derive(Clone, Copy)]
pub struct Desk {
    /// The scenario that is played.
    pub sim: Sim,
    /// What is inspected.
    pub selected: RwSignal<Option<Subject>>,
    /// Whether there is room for one column only.
    pub is_phone: RwSignal<bool>,
    /// One higher each time the colours change.
    pub theme: RwSignal<u32>,
    /// The panel that is shown where there is room for one only.
    pub tab: RwSignal<Tab>,
    /// The place below the cluster that is shown in the place of the stage.
    pub place: RwSignal<Option<Place>>,
    /// Whether what is pressed twice opens; not on the front page, which has no room for it.
    pub opens: bool,
    /// The panel beside the terminal, where there is room for more.
    pub lower: RwSignal<Tab>,
    /// What the stage draws.
    pub shows: RwSignal<Shows>,
    /// What of the tables is shown.
    pub tables: tables::Open,
    /// Whether the stage stands alone with its time.
    pub alone: RwSignal<bool>,
    /// Whether a scene of a class is shown, with the name of the panel below it, or with none.
    pub presents: RwSignal<Option<&'static str>>,
    /// The form that is to be filled in.
    pub form: RwSignal<Option<Asked>>,
}

impl Desk {
    /// Whether this is what is inspected.
    pub fn is_selected(self, subject: Subject) -> Memo<bool> {
        Memo::new(move |_| self.selected.read().as_ref() == Some(&subject))
    }

    /// Whether one of the lower panels is to be seen. It follows what is chosen.
    pub fn shows(self, panel: Tab) -> bool {
        if self.is_phone.get() { self.tab.get() == panel } else { self.lower.get() == panel }
    }

    /// Inspects nothing, draws everything, and shows the task, at the usual speed.
    pub fn clear(self) {
        self.shows.set(Shows::ALL);
        self.selected.set(None);
        self.presents.set(None);
        self.tab.set(Tab::Task);
        self.sim.speed.set(1.0);
    }

    /// On a phone the stage is above the panels: what was started there is to be seen.
    pub fn show_stage(self) {
        if self.is_phone.get_untracked() {
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
    }

    /// What makes this the thing that is inspected.
    pub fn selecting(self, subject: Subject) -> Arc<dyn Fn() + Send + Sync> {
        Arc::new(move || {
            let is_seen =
                !self.is_phone.get_untracked() || self.tab.get_untracked() == Tab::Inspector;
            if self.opens
                && is_seen
                && !stage::is_for_menu()
                && self.selected.read_untracked().as_ref() == Some(&subject)
            {
                // Pressed once more, it opens.
                if let Some(place) = subject.place() {
                    return self.go(Some(&place));
                }
            }
            self.selected.set(Some(subject.clone()));
            self.tab.set(Tab::Inspector);
        })
    }

    /// Goes to a place below the cluster, or back to the cluster.
    pub fn go(self, place: Option<&Place>) {
        let page = route::page();
        route::go(&place.map_or_else(|| page.clone(), |place| place.href(&page)));
    }
}

/// The panels, of which a phone shows one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// What to do.
    Task,
    /// The true state of what was pressed.
    Inspector,
    /// What happened.
    Log,
    /// Brokers, topics, messages, groups, transactions, configs.
    Tables,
    /// What is measured, over virtual time.
    Charts,
    /// What is measured, by the names that Kafka gives it.
    Metrics,
    /// The command line.
    Terminal,
}

impl Tab {
    /// All of them, with their labels.
    pub const ALL: [(Self, Text); 7] = [
        (Self::Task, text!("play.to-do")),
        (Self::Inspector, text!("play.inspector")),
        (Self::Log, text!("play.log")),
        (Self::Terminal, text!("play.terminal")),
        (Self::Tables, text!("play.tables")),
        (Self::Charts, text!("play.charts")),
        (Self::Metrics, text!("play.metrics")),
    ];

    /// Its name in the markup, in the style sheet, and in links.
    pub fn name(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Inspector => "inspector",
            Self::Log => "log",
            Self::Tables => "tables",
            Self::Charts => "charts",
            Self::Metrics => "metrics",
            Self::Terminal => "terminal",
        }
    }
}

/// The desk, with `task` on its left.
#[component]
pub fn DeskView(
    /// What the page is about, for those who hear it.
    #[prop(into)]
    title: String,
    /// What to do: an exercise, a question, first steps, with the learner's data below.
    task: AnyView,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let is_below = Memo::new(move |_| desk.place.read().is_some());
    // A first visit needs neither; once shown, they stay.
    let wanted = move |panel: Tab| {
        Memo::new(move |before: Option<&bool>| before.is_some_and(|was| *was) || desk.shows(panel))
    };
    let are_tables_wanted = wanted(Tab::Tables);
    let (are_charts_wanted, are_metrics_wanted) = (wanted(Tab::Charts), wanted(Tab::Metrics));
    view! {
        <main class="desk" data-alone=move || desk.alone.get().then_some("") data-presents=move || desk.presents.get() data-tab=move || desk.tab.get().name()
            data-lower=move || desk.lower.get().name()>
            <h1 class="sr-only">{title}</h1>
            <div class="task" id="panel-task" role="group" aria-label=t!("play.to-do") tabindex="0">{task}</div>
            {move || if is_below.get() { view! { <Anatomy/> }.into_any() } else { view! { <Stage/> }.into_any() }}
            <Inspector/>
            <div class="strip">
                <Transport/>
                <Narration/>
                <Timeline/>
            </div>
            <Show when=move || desk.is_phone.get()><SheetHandle/></Show>
            <div class="tabs" role="tablist" aria-label=t!("play.panels")>
                {Tab::ALL.map(|(tab, label)| view! {
                    <button type="button" role="tab" id=format!("tab-{}", tab.name())
                        aria-controls=format!("panel-{}", tab.name())
                        aria-selected=move || if desk.tab.get() == tab { "true" } else { "false" }
                        on:click=move |_| desk.tab.set(tab)>
                        {label.say()}
                    </button>
                }).collect_view()}
            </div>
            <LowerTabs/>
            <LogPanel/>
            <Show when=move || are_tables_wanted.get()><TablesPanel/></Show>
            <Show when=move || are_charts_wanted.get()><Charts/></Show>
            <Show when=move || are_metrics_wanted.get()><MetricsPanel/></Show>
            <Following><Terminal/></Following>
            <Splits/>
            <FormDialog/>
        </main>
    }
    .into_any()
}
