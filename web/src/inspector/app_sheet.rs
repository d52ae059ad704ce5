//! An application as the inspector shows it: what it reads, what it makes of it, and how it commits.

use highwater_cluster::ids::ClientId;
use highwater_cluster::view::{ClusterView, PositionView, ProducerTransactionView};

use super::client_sheets::settings;
use super::sheet::{Fact, Sheet, exact, words};
use crate::format::{count, list};

pub fn app(view: &ClusterView, id: ClientId) -> Option<Sheet> {
    let app = view.apps.iter().find(|known| known.client == id)?;
    let under =
        if app.is_closed { t!("inspector.it-does-not") } else { t!("inspector.it-reads-works") };
    let mut facts = vec![
        exact(t!("inspector.group"), &app.group),
        exact(t!("inspector.reads"), list(&app.from)),
        exact(t!("inspector.writes-to"), &app.to),
        exact(t!("inspector.guarantee"), app.guarantee.name()),
        exact("commit.interval.ms", app.commit_interval_ms),
        words(t!("inspector.at-moment"), &app.doing),
        exact(t!("inspector.records-worked-on"), count(app.records_in)),
        exact(t!("inspector.records-written"), count(app.records_out)),
        exact(t!("inspector.not-committed-yet"), count(app.records_uncommitted)),
        exact(t!("inspector.commits"), count(app.commits)),
        exact(t!("inspector.times-it-went"), count(app.times_gone_back)),
        exact(
            t!("inspector.lag"),
            app.lag.map_or_else(|| t!("inspector.not-known").to_owned(), count),
        ),
    ];
    facts.extend(super::client_sheets::principal(view, id));
    facts.extend(app.last_error.as_ref().map(|error| exact(t!("inspector.last-error"), error)));
    let transaction = app.producer.transaction.as_ref();
    // What a transaction commits goes past the consumer: the group's coordinator knows.
    let group = view.groups.iter().find(|known| known.id == app.group);
    let committed = |owned: &PositionView| {
        let mut all = group.into_iter().flat_map(|group| &group.committed);
        all.find(|(partition, _)| *partition == owned.partition).map(|(_, offset)| *offset)
    };
    let positions = app
        .consumer
        .assignment
        .iter()
        .map(|owned| position(&PositionView { committed: committed(owned), ..owned.clone() }));
    let sheet =
        Sheet::new(t!("inspector.application"), t!("inspector.app", name = app.name), under, facts);
    Some(
        sheet
            .with(t!("inspector.its-partitions"), positions.collect())
            .with(
                t!("inspector.its-transaction"),
                transaction.map(self::transaction).unwrap_or_default(),
            )
            .with(t!("inspector.settings-its-consumer"), settings(&app.consumer.configs))
            .with(t!("inspector.settings-its-producer"), settings(&app.producer.configs)),
    )
}

/// Where a consumer is in a partition.
pub fn position(owned: &PositionView) -> Fact {
    let offset = |offset: Option<highwater_cluster::log::Offset>| {
        offset.map_or_else(|| t!("inspector.none").to_owned(), |offset| offset.0.to_string())
    };
    let lag = owned.lag.map_or_else(String::new, |lag| t!("inspector.lag-lag", lag = lag));
    let paused = if owned.is_paused { t!("inspector.paused") } else { "" };
    let value = t!(
        "inspector.position-committed",
        position = offset(owned.position),
        committed = offset(owned.committed),
        lag = lag,
        paused = paused
    );
    exact(owned.partition.to_string(), value)
}

/// A producer's transaction, as the producer sees it.
pub fn transaction(transaction: &ProducerTransactionView) -> Vec<Fact> {
    let mut facts = vec![
        exact("transactional.id", &transaction.transactional_id),
        exact(t!("inspector.state"), transaction.state.name()),
    ];
    if let Some((id, epoch)) = transaction.producer {
        facts.push(exact(t!("inspector.producer-id-and"), format!("{id}, {epoch}")));
    }
    if let Some(coordinator) = transaction.coordinator {
        facts.push(exact(t!("inspector.coordinator"), format!("broker {coordinator}")));
    }
    if !transaction.partitions.is_empty() {
        facts.push(exact(t!("inspector.its-partitions"), list(&transaction.partitions)));
    }
    facts
        .extend(transaction.waits_in.map(|call| exact(t!("inspector.application-waits-in"), call)));
    facts.extend(transaction.last_error.as_ref().map(|error| exact(t!("inspector.error"), error)));
    facts
}
