//! The options of `highwater serve`.

use std::path::PathBuf;

use clap::Args;
use clap::value_parser;

/// Opens the simulated cluster to real Kafka clients
///
/// Each broker listens on a port of its own on this machine. Virtual time follows real time. Lines of standard input
/// are done on terminal t1; exit, or Ctrl-C, ends.
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_long_help = AFTER)]
pub(crate) struct Options {
    /// Where broker 1 listens; the others follow on the next ports. With 0, each listens on a free port
    #[arg(long, default_value_t = 9092, value_parser = value_parser!(u16).range(0..=65_000))]
    pub(super) port: u16,

    /// How many brokers, 1 to 10, if no scenario says so
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = value_parser!(u32).range(1..=10))]
    pub(super) brokers: u32,

    /// What all that is random is drawn from, if no scenario says so: 0 to 18446744073709551615
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(super) seed: u64,

    /// A scenario that is played first, and whose cluster is served
    #[arg(long, value_name = "FILE")]
    pub(super) scenario: Option<PathBuf>,

    /// Serves the page too, at this port (0: any that is free): it shows what the clients do, and its buttons act on the cluster
    #[arg(long, value_name = "PORT")]
    pub(super) ui: Option<u16>,

    /// Where the built page lies
    #[arg(long, value_name = "FOLDER", default_value = "dist")]
    pub(super) page: PathBuf,

    /// At the end, the whole run is written here: a scenario that plays again
    #[arg(long, value_name = "FILE")]
    pub(super) save: Option<PathBuf>,
}

const AFTER: &str = "\
Exit status:
  0  it was ended
  2  wrong usage, a port is taken, or a file cannot be read or written

Examples:
  highwater serve
  highwater serve --brokers 1 --port 19092 --save run.hw";

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Alone {
        #[command(flatten)]
        options: Options,
    }

    fn of(line: &str) -> Result<Options, String> {
        let words = std::iter::once("serve").chain(line.split_whitespace());
        let alone = Alone::try_parse_from(words);
        alone.map(|alone| alone.options).map_err(|error| error.to_string())
    }

    #[test]
    fn options_are_understood() {
        let options = of("--port 19092 --brokers 1 --save run.hw").expect("they are right");
        assert_eq!((options.port, options.brokers), (19_092, 1));
        assert_eq!(options.save, Some("run.hw".into()));
        let default = of("").expect("it needs none");
        assert_eq!((default.port, default.brokers, default.seed), (9092, 3, 1));
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert!(of("--port").expect_err("no port").contains("a value is required for '--port"));
        assert!(of("--brokers 0").expect_err("none").contains("0 is not in 1..=10"));
        assert!(of("--fast").expect_err("no such option").contains("unexpected argument '--fast'"));
    }
}
