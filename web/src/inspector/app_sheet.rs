//! An application as the inspector shows it: what it reads, what it makes of it, and how it commits.

use highwater_cluster::ids::ClientId;
use highwater_cluster::view::{ClusterView, PositionView, ProducerTransactionView};

use super::client_sheets::settings;
use super::sheet::{Fact, Sheet, exact, words};
use crate::format::{count, list};

pub fn app(view: &ClusterView, id: ClientId) -> Option<Sheet> {
    let app = view.apps.iter().find(|known| known.client == id)?;
    let under =
        if app.is_closed { "It does not run any more" } else { "It reads, works, and writes" };
    let mut facts = vec![
        exact("Group", &app.group),
        exact("Reads", list(&app.from)),
        exact("Writes to", &app.to),
        exact("Guarantee", app.guarantee.name()),
        exact("commit.interval.ms", app.commit_interval_ms),
        words("At the moment", &app.doing),
        exact("Records worked on", count(app.records_in)),
        exact("Records written", count(app.records_out)),
        exact("Not committed yet", count(app.records_uncommitted)),
        exact("Commits", count(app.commits)),
        exact("Times it went back", count(app.times_gone_back)),
        exact("Lag", app.lag.map_or_else(|| "not known".to_owned(), count)),
    ];
    facts.extend(app.last_error.as_ref().map(|error| exact("Last error", error)));
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
    let sheet = Sheet::new("Application", format!("App {}", app.name), under, facts);
    Some(
        sheet
            .with("Its partitions", positions.collect())
            .with("Its transaction", transaction.map(self::transaction).unwrap_or_default())
            .with("Settings of its consumer", settings(&app.consumer.configs))
            .with("Settings of its producer", settings(&app.producer.configs)),
    )
}

/// Where a consumer is in a partition.
pub fn position(owned: &PositionView) -> Fact {
    let offset = |offset: Option<highwater_cluster::log::Offset>| {
        offset.map_or_else(|| "none".to_owned(), |offset| offset.0.to_string())
    };
    let lag = owned.lag.map_or_else(String::new, |lag| format!(", lag {lag}"));
    let paused = if owned.is_paused { ", paused" } else { "" };
    let value = format!(
        "position {}, committed {}{lag}{paused}",
        offset(owned.position),
        offset(owned.committed)
    );
    exact(owned.partition.to_string(), value)
}

/// A producer's transaction, as the producer sees it.
pub fn transaction(transaction: &ProducerTransactionView) -> Vec<Fact> {
    let mut facts = vec![
        exact("transactional.id", &transaction.transactional_id),
        exact("State", transaction.state.name()),
    ];
    if let Some((id, epoch)) = transaction.producer {
        facts.push(exact("Producer id and epoch", format!("{id}, {epoch}")));
    }
    if let Some(coordinator) = transaction.coordinator {
        facts.push(exact("Coordinator", format!("broker {coordinator}")));
    }
    if !transaction.partitions.is_empty() {
        facts.push(exact("Its partitions", list(&transaction.partitions)));
    }
    facts.extend(transaction.waits_in.map(|call| exact("The application waits in", call)));
    facts.extend(transaction.last_error.as_ref().map(|error| exact("Error", error)));
    facts
}
