//! `--command-config FILE` of tools with an admin client: the file is read before the tool begins, and
//! what of it does nothing here is told.

use std::sync::Arc;

use highwater_cluster::acl::Principal;
use highwater_cluster::client::security::Security;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::input::Input;
use highwater_cluster::program::Program;

use super::properties::{self, Properties, config_exception};
use crate::words::Word;

/// The tools that read such a file here, before they do anything else.
const TOOLS: &[&str] = &[
    "kafka-acls",
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
    "kafka-share-groups",
    "kafka-topics",
    "kafka-transactions",
];
/// What each tool says of a file that cannot be read; the others print the message of the exception, then
/// the exception.
const SAYS: &[(&str, Said)] = &[
    ("kafka-acls", Said::Acl),
    ("kafka-configs", Said::Executing),
    ("kafka-consumer-groups", Said::Uncaught),
    ("kafka-features", Said::MessageOnly),
    ("kafka-get-offsets", Said::Occurred),
    ("kafka-metadata-quorum", Said::Quorum),
    ("kafka-reassign-partitions", Said::OnOutput),
    ("kafka-transactions", Said::Terse),
];
/// Settings that are given otherwise, or that make no difference where everything is in one process.
const SILENT: &[&str] = &["bootstrap.servers"];

/// The tool of that name, begun once the file is read that its words name; as it is if they name none.
pub(crate) fn read_first(name: &str, words: &[Word], tool: Box<dyn Program>) -> Box<dyn Program> {
    match path(name, words).filter(|_| TOOLS.contains(&name)) {
        Some(path) => {
            let said = SAYS.iter().find(|(tool, _)| *tool == name).map_or(Said::Both, |it| it.1);
            let arguments: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
            let arguments = arguments.join(" ");
            Box::new(Configured {
                path,
                arguments,
                said,
                security: Security::default(),
                client_id: None,
                tool,
                has_begun: false,
            })
        }
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

/// How a tool says that it cannot read the file.
#[derive(Clone, Copy, Debug)]
enum Said {
    /// The message, then the exception.
    Both,
    /// The exception, as Java prints one that nobody caught.
    Uncaught,
    MessageOnly,
    /// `Error while executing config command with args '..'`
    Executing,
    /// `Error occurred: `
    Occurred,
    /// In words of its own.
    Quorum,
    /// `Error: `, all of it on standard output.
    OnOutput,
    /// In one line.
    Terse,
    /// `Error while executing ACL command: `, all of it on standard output.
    Acl,
}

impl Said {
    /// The lines for standard output, and those for standard error.
    fn lines(self, path: &str, arguments: &str, exception: &str) -> [Vec<String>; 2] {
        let exception = exception.to_owned();
        let errors = match self {
            Self::Both => vec![path.to_owned(), exception],
            Self::Uncaught => vec![
                format!("Exception in thread \"main\" java.lang.RuntimeException: {exception}"),
                format!("Caused by: {exception}"),
            ],
            Self::MessageOnly => vec![path.to_owned()],
            Self::Executing => vec![
                format!("Error while executing config command with args '{arguments}'"),
                exception,
            ],
            Self::Occurred => vec![format!("Error occurred: {path}"), exception],
            Self::Quorum => vec![format!("Properties file {path} does not exists!")],
            Self::OnOutput => return [vec![format!("Error: {path}"), exception], Vec::new()],
            Self::Acl => {
                let said = format!("Error while executing ACL command: {path}");
                return [vec![said, exception], Vec::new()];
            }
            Self::Terse => vec![format!(
                "Failed to load admin client properties: {path}. Enable debug logging for \
                 additional detail."
            )],
        };
        [Vec::new(), errors]
    }
}

#[derive(Clone, Debug)]
struct Configured {
    path: String,
    /// The words of the tool.
    arguments: String,
    said: Said,
    /// Who the tool's admin client says that it is.
    security: Security,
    /// And by which `client.id`, if they name one.
    client_id: Option<Arc<str>>,
    tool: Box<dyn Program>,
    has_begun: bool,
}

impl Configured {
    /// Takes over what the settings say; the error is what Kafka's client throws.
    fn configure(&mut self, ctx: &mut Ctx<'_>, all: &Properties) -> Result<(), String> {
        for (name, value) in all {
            match self.security.set(name, value) {
                Some(Ok(())) => {}
                Some(Err(reason)) => {
                    let shown = if name == "sasl.jaas.config" { "[hidden]" } else { value };
                    return Err(config_exception(&format!(
                        "Invalid value {shown} for configuration {name}: {reason}"
                    )));
                }
                None if name == "client.id" => self.client_id = Some(value.as_str().into()),
                None if SILENT.contains(&name.as_str()) => {}
                None => ctx.print_error(&format!(
                    "Highwater: {name} changes nothing here: it is not simulated for this tool"
                )),
            }
        }
        self.security.check().map_err(|message| config_exception(&message))
    }
}

impl Program for Configured {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        if !self.has_begun {
            self.has_begun = true;
            match properties::file(ctx, &self.path) {
                Ok(all) => {
                    if let Err(exception) = self.configure(ctx, &all) {
                        ctx.print_error(&exception);
                        return ctx.exit(1);
                    }
                }
                Err(error) => {
                    let (exception, hint) = error.split_once('\n').unwrap_or((&error, ""));
                    let lines = self.said.lines(&self.path, &self.arguments, exception);
                    lines[0].iter().for_each(|line| ctx.print(line));
                    lines[1].iter().for_each(|line| ctx.print_error(line));
                    ctx.print_error(hint);
                    return ctx.exit(1);
                }
            }
        }
        self.tool.handle(ctx, input);
    }

    fn principal(&self) -> Option<Principal> {
        self.security.principal()
    }

    fn client_id(&self) -> Option<Arc<str>> {
        self.client_id.clone().or_else(|| self.tool.client_id())
    }

    fn reads_input(&self) -> bool {
        self.tool.reads_input()
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}
