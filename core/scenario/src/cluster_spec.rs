//! The header of a script as the cluster that it describes.

use std::sync::Arc;

use highwater_cluster::cluster_spec::ClusterSpec;
use highwater_cluster::configs::definition::broker_configs;
use highwater_cluster::configs::{check_broker_config, is_simulated_broker_config};
use highwater_cluster::ids::BrokerId;
use highwater_cluster::log::{TimestampMs, TransactionVersion};
use highwater_cluster::time::Span;

use crate::script::{ConfigTarget, Document, Header, ScriptError};

/// The cluster that a header describes. A setting that is not simulated, or that cannot have its
/// value, is an error at its line.
pub(crate) fn cluster_spec(
    header: &Header,
    document: &Document,
) -> Result<ClusterSpec, Vec<ScriptError>> {
    let mut spec = ClusterSpec {
        seed: header.seed,
        start: TimestampMs(header.start.epoch_millis()),
        brokers: u32::from(header.cluster.brokers),
        controllers: u32::from(header.cluster.controllers),
        combined: header.cluster.combined,
        transaction_version: TransactionVersion(header.cluster.transaction_version.into()),
        // In turn, from the first again when they run out.
        racks: header
            .cluster
            .racks
            .iter()
            .cycle()
            .take(usize::from(header.cluster.brokers))
            .map(|rack| Arc::from(rack.as_str()))
            .collect(),
        ..ClusterSpec::default()
    };
    if let Some(latency) = header.cluster.latency {
        spec.latency = Span(latency.0);
    }
    if let Some(latency) = header.cluster.store_latency {
        spec.store.latency = Span(latency.0);
    }
    if let Some(bandwidth) = header.cluster.store_bandwidth {
        spec.store.bytes_per_second = bandwidth;
    }
    let mut errors = Vec::new();
    for config in &header.configs {
        if let Err(expected) = check_broker_config(&config.name, &config.value) {
            errors.push(config_error(document, &config.name, &config.value, expected));
        }
        let entry = (Arc::from(config.name.as_str()), Arc::from(config.value.as_str()));
        match config.target {
            ConfigTarget::EveryBroker => spec.configs.extend([entry]),
            ConfigTarget::Broker(id) => {
                let broker = BrokerId(i32::try_from(id).unwrap_or(i32::MAX));
                spec.broker_configs.entry(broker).or_default().extend([entry]);
            }
        }
    }
    if errors.is_empty() { Ok(spec) } else { Err(errors) }
}

fn config_error(document: &Document, name: &str, value: &str, expected: String) -> ScriptError {
    let wanted = format!("{name}={value}");
    let text = document.print();
    let place = text.lines().enumerate().find_map(|(index, line)| {
        let column = line.starts_with("config").then(|| line.find(&wanted))??;
        Some((index as u32 + 1, column as u32 + 1))
    });
    let (line, column) = place.unwrap_or((1, 1));
    let known = broker_configs().map(|config| config.name);
    let known = known.filter(|name| is_simulated_broker_config(name));
    let suggestion = highwater_shell::suggest::nearest(name, known).map(str::to_owned);
    ScriptError { line, column, expected, found: wanted, suggestion }
}
