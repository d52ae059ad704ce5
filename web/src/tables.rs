//! The tables that people know from their tools at work: brokers, topics, messages, groups, transactions,
//! configs. They are linked with the stage: a row selects what it is about, and what is selected there
//! stands out here.

mod brokers;
mod configs;
mod grid;
mod groups;
mod messages;
mod topics;
mod transactions;

use highwater_cluster::ids::{GroupId, PartitionIndex, TopicName};
use highwater_cluster::tables::ConfigOf;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use crate::play::{Desk, Tab};
use crate::subject::Subject;

/// Which tables there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Brokers.
    Brokers,
    /// Topics, and the partitions of one.
    Topics,
    /// The messages of a topic.
    Messages,
    /// Consumer groups, and the members and partitions of one.
    Groups,
    /// Transactional ids.
    Transactions,
    /// The settings of a topic or a broker.
    Configs,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Brokers,
        Self::Topics,
        Self::Messages,
        Self::Groups,
        Self::Transactions,
        Self::Configs,
    ];

    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::Brokers => t!("tables.brokers"),
            Self::Topics => t!("tables.topics"),
            Self::Messages => t!("tables.messages"),
            Self::Groups => t!("tables.consumer-groups"),
            Self::Transactions => t!("tables.transactions"),
            Self::Configs => t!("tables.configs"),
        }
    }

    /// Its name in the markup and in links.
    pub fn name(self) -> &'static str {
        match self {
            Self::Brokers => "brokers",
            Self::Topics => "topics",
            Self::Messages => "messages",
            Self::Groups => "groups",
            Self::Transactions => "transactions",
            Self::Configs => "configs",
        }
    }
}

/// A table, and what of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Go {
    /// A table, as it was left.
    To(Kind),
    /// All topics.
    Topics,
    /// All groups.
    Groups,
    /// The partitions of a topic.
    Partitions(TopicName),
    /// The messages of a topic, or of one of its partitions.
    Messages(TopicName, Option<PartitionIndex>),
    /// The members and partitions of a group.
    Group(GroupId),
    /// The settings of something.
    Configs(ConfigOf),
}

/// What of the tables is shown.
#[derive(Clone, Copy)]
pub struct Open {
    /// Which table.
    pub kind: RwSignal<Kind>,
    /// The topic whose partitions are shown.
    pub topic: RwSignal<Option<TopicName>>,
    /// The group whose members are shown.
    pub group: RwSignal<Option<GroupId>>,
    /// Whose messages are shown.
    pub messages: RwSignal<(Option<TopicName>, Option<PartitionIndex>)>,
    /// Whose settings are shown.
    pub configs: RwSignal<Option<ConfigOf>>,
    /// The setting that is being changed.
    pub edited: RwSignal<Option<String>>,
}

impl Open {
    /// The brokers.
    pub fn new() -> Self {
        Self {
            kind: RwSignal::new(Kind::Brokers),
            topic: RwSignal::new(None),
            group: RwSignal::new(None),
            messages: RwSignal::new((None, None)),
            configs: RwSignal::new(None),
            edited: RwSignal::new(None),
        }
    }

    fn go(self, to: Go) {
        match to {
            Go::To(kind) => self.kind.set(kind),
            Go::Topics => {
                self.topic.set(None);
                self.kind.set(Kind::Topics);
            }
            Go::Groups => {
                self.group.set(None);
                self.kind.set(Kind::Groups);
            }
            Go::Partitions(topic) => {
                self.topic.set(Some(topic));
                self.kind.set(Kind::Topics);
            }
            Go::Messages(topic, partition) => {
                self.messages.set((Some(topic), partition));
                self.kind.set(Kind::Messages);
            }
            Go::Group(group) => {
                self.group.set(Some(group));
                self.kind.set(Kind::Groups);
            }
            Go::Configs(of) => {
                self.configs.set(Some(of));
                self.edited.set(None);
                self.kind.set(Kind::Configs);
            }
        }
    }
}

impl Desk {
    /// Shows a table.
    pub fn show_table(self, to: Go) {
        self.tables.go(to);
        self.tab.set(Tab::Tables);
        // What was pressed may be gone: who goes by keys stands before the table.
        request_animation_frame(move || {
            let name = self.tables.kind.get_untracked().name();
            crate::anatomy::focus(&format!("#table-tab-{name}"));
        });
    }
}

/// The tables that tell more of what is inspected.
#[component]
pub fn TableLinks(subject: Subject) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let links: Vec<(&'static str, Go)> = match subject {
        Subject::Topic(topic) => vec![
            (t!("tables.messages"), Go::Messages(topic.clone(), None)),
            (t!("tables.partitions"), Go::Partitions(topic.clone())),
            (t!("tables.configs"), Go::Configs(ConfigOf::Topic(topic))),
        ],
        Subject::Partition(it) | Subject::Replica(_, it) => {
            vec![
                (t!("tables.messages"), Go::Messages(it.topic.clone(), Some(it.partition))),
                (t!("tables.partitions-topic"), Go::Partitions(it.topic)),
            ]
        }
        Subject::Broker(id) => vec![(t!("tables.configs"), Go::Configs(ConfigOf::Broker(id)))],
        Subject::Group(group) => vec![(t!("tables.members-and-lag"), Go::Group(group))],
        _ => Vec::new(),
    };
    let buttons = links.into_iter().map(|(label, go)| {
        view! { <button type="button" class="quiet" on:click=move |_| desk.show_table(go.clone())>{label}</button> }
    });
    view! { <p class="table-links">{buttons.collect_view()}</p> }.into_any()
}

/// The panel.
#[component]
pub fn TablesPanel() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let open = desk.tables;
    let is_seen = Memo::new(move |_| desk.shows(Tab::Tables));
    let by_key = move |event: KeyboardEvent| {
        let place = Kind::ALL.iter().position(|kind| *kind == open.kind.get_untracked());
        let by = match event.key().as_str() {
            "ArrowRight" => 1,
            "ArrowLeft" => Kind::ALL.len() - 1,
            _ => return,
        };
        event.prevent_default();
        let kind = Kind::ALL[(place.unwrap_or(0) + by) % Kind::ALL.len()];
        open.kind.set(kind);
        crate::anatomy::focus(&format!("#table-tab-{}", kind.name()));
    };
    let shown = move || {
        if !is_seen.get() {
            return ().into_any();
        }
        match open.kind.get() {
            Kind::Brokers => view! { <brokers::Brokers/> }.into_any(),
            Kind::Topics => view! { <topics::Topics/> }.into_any(),
            Kind::Messages => view! { <messages::Messages/> }.into_any(),
            Kind::Groups => view! { <groups::Groups/> }.into_any(),
            Kind::Transactions => view! { <transactions::Transactions/> }.into_any(),
            Kind::Configs => view! { <configs::Configs/> }.into_any(),
        }
    };
    view! {
        <section class="tables" id="panel-tables" aria-label=t!("tables.tables")>
            <div class="table-tabs" role="tablist" aria-label=t!("tables.which-table") on:keydown=by_key>
                {Kind::ALL.map(|kind| view! {
                    <button type="button" role="tab" id=format!("table-tab-{}", kind.name()) aria-controls="table-shown"
                        aria-selected=move || (open.kind.get() == kind).to_string()
                        tabindex=move || if open.kind.get() == kind { "0" } else { "-1" }
                        on:click=move |_| open.kind.set(kind)>
                        {kind.label()}
                    </button>
                }).collect_view()}
            </div>
            <div class="table-shown" id="table-shown" role="tabpanel"
                aria-labelledby=move || format!("table-tab-{}", open.kind.get().name())>
                {shown}
            </div>
        </section>
    }
    .into_any()
}
