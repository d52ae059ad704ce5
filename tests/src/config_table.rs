//! The table of `docs/configs.md`: each setting that Kafka knows, with its default and how far it is
//! simulated, written from what the engine itself answers by.

use std::fmt::Write as _;
use std::path::PathBuf;

use highwater_scenario::cluster::configs::definition::Definition;
use highwater_scenario::cluster::configs::{ConfigKind, Extent};

const INTRODUCTION: &str = "\
# Settings

Every setting of Kafka 4.x that this project knows, with Kafka's type and default, and how far it is simulated: *yes* is as
in Kafka; a phrase says in what part; *no* is known and checked, and changes nothing: clients, topics and running brokers take it all
the same, and it is said so. `cargo xtask docs` writes this file from the engine's tables; do not edit it.
";

/// Where the table stands.
pub fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/configs.md")
}

/// The text of `docs/configs.md`.
pub fn text() -> String {
    let mut text = INTRODUCTION.to_owned();
    for kind in ConfigKind::ALL {
        let definitions: Vec<Definition> =
            kind.definitions().into_iter().filter(Definition::is_public).collect();
        let simulated = definitions
            .iter()
            .filter(|config| !matches!(kind.extent(config.name), Extent::NotAtAll));
        let (simulated, all) = (simulated.count(), definitions.len());
        write_line(&mut text, &format!("\n## Settings of {}s\n", kind.name()));
        write_line(&mut text, &format!("{simulated} of {all} are simulated.\n"));
        write_line(&mut text, "| setting | type | default | simulated |");
        write_line(&mut text, "|---|---|---|---|");
        for config in definitions {
            write_line(&mut text, &row(kind, &config));
        }
    }
    text
}

fn row(kind: ConfigKind, config: &Definition) -> String {
    let simulated = match kind.extent(config.name) {
        Extent::Fully => "yes",
        Extent::Partly(phrase) => phrase,
        Extent::NotAtAll => "no",
    };
    let default = match config.default {
        None => "none".to_owned(),
        Some("") => "empty".to_owned(),
        Some(default) => format!("`{default}`"),
    };
    let kafkas_type = config.config_type.name().to_lowercase();
    format!("| `{}` | {kafkas_type} | {default} | {simulated} |", config.name)
}

fn write_line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a string takes all");
}
