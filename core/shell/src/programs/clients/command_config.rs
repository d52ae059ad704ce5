//! `--command-config FILE` of tools with an admin client: the file is read before the tool begins, and
//! what of it does nothing here is told.

use highwater_cluster::ctx::Ctx;
use highwater_cluster::input::Input;
use highwater_cluster::program::Program;

use super::properties::{self, Properties};
use crate::words::Word;

/// The tools that read such a file here, before they do anything else.
const TOOLS: &[&str] = &[
    "kafka-broker-api-versions",
    "kafka-cluster",
    "kafka-configs",
    "kafka-consumer-groups",
    "kafka-delete-records",
    "kafka-features",
    "kafka-get-offsets",
    "kafka-groups",
    "kafka-leader-election",
    "kafka-log-dirs",
    "kafka-metadata-quorum",
    "kafka-reassign-partitions",
    "kafka-topics",
    "kafka-transactions",
];
/// Settings that are given otherwise, or that make no difference where everything is in one process.
const SILENT: &[&str] = &["bootstrap.servers", "client.id"];

/// The tool of that name, begun once the file is read that its words name; as it is if they name none.
pub(crate) fn read_first(name: &str, words: &[Word], tool: Box<dyn Program>) -> Box<dyn Program> {
    match path(name, words).filter(|_| TOOLS.contains(&name)) {
        Some(path) => Box::new(Configured { path, tool, has_begun: false }),
        None => tool,
    }
}

/// The file of the admin client's settings.
fn path(name: &str, words: &[Word]) -> Option<String> {
    let options: &[&str] = match name {
        "kafka-cluster" => &["--config", "-c"],
        _ => &["--command-config", "--admin.config"],
    };
    let mut left = words.iter();
    while let Some(word) = left.next() {
        match word.text.split_once('=') {
            Some((option, value)) if options.contains(&option) => return Some(value.to_owned()),
            _ if options.contains(&word.text.as_str()) => {
                return left.next().map(|value| value.text.clone());
            }
            _ => {}
        }
    }
    None
}

#[derive(Clone, Debug)]
struct Configured {
    path: String,
    tool: Box<dyn Program>,
    has_begun: bool,
}

impl Configured {
    fn tell(ctx: &mut Ctx<'_>, all: &Properties) {
        for (name, _) in all {
            if !SILENT.contains(&name.as_str()) {
                ctx.print_error(&format!(
                    "Highwater: {name} changes nothing here: it is not simulated for this tool"
                ));
            }
        }
    }
}

impl Program for Configured {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        if !self.has_begun {
            self.has_begun = true;
            match properties::file(ctx, &self.path) {
                Ok(all) => Self::tell(ctx, &all),
                Err(error) => {
                    for line in format!("Exception in thread \"main\" {error}").lines() {
                        ctx.print_error(line);
                    }
                    return ctx.exit(1);
                }
            }
        }
        self.tool.handle(ctx, input);
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}
