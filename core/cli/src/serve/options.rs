//! The options of `highwater serve`.

use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
Opens the simulated cluster to real Kafka clients on this machine.

Usage: highwater serve [--port PORT] [--brokers N | --scenario FILE] [--seed S] [--save FILE]

  --port PORT      where broker 1 listens; the others follow on the next ports (9092);
                   with 0, each listens on a free port
  --brokers N      how many brokers, if no scenario says so (3)
  --scenario FILE  a scenario that is played first, and whose cluster is served
  --seed S         what all that is random is drawn from, if no scenario says so (1)
  --save FILE      at the end, the whole run is written here: a scenario that plays again
";

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(super) port: u16,
    pub(super) brokers: u32,
    pub(super) seed: u64,
    pub(super) scenario: Option<PathBuf>,
    pub(super) save: Option<PathBuf>,
}

impl Options {
    pub(crate) fn parse(words: &[String]) -> Result<Self, String> {
        let mut options = Self { port: 9092, brokers: 3, seed: 1, scenario: None, save: None };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value =
                || words.next().ok_or_else(|| format!("{word} needs a value\n\n{USAGE}"));
            match word.as_str() {
                "--port" => options.port = number(word, value()?, 0, 65_000)?,
                "--brokers" => options.brokers = number(word, value()?, 1, 10)?,
                "--seed" => options.seed = number(word, value()?, 0, u64::MAX)?,
                "--scenario" => options.scenario = Some(value()?.into()),
                "--save" => options.save = Some(value()?.into()),
                other => return Err(format!("unexpected {other}\n\n{USAGE}")),
            }
        }
        Ok(options)
    }
}

fn number<N>(option: &str, text: &str, least: N, most: N) -> Result<N, String>
where
    N: std::str::FromStr + PartialOrd + std::fmt::Display,
{
    match text.parse::<N>() {
        Ok(number) if number >= least && number <= most => Ok(number),
        _ => Err(format!("{option} takes a number from {least} to {most}, not {text}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Result<Options, String> {
        Options::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_are_understood() {
        let options = of("--port 19092 --brokers 1 --save run.hw").expect("they are right");
        assert_eq!((options.port, options.brokers), (19_092, 1));
        assert_eq!(options.save, Some("run.hw".into()));
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert!(of("--port").expect_err("no port").contains("--port needs a value"));
        assert!(of("--brokers 0").expect_err("none").contains("a number from 1 to 10, not 0"));
        assert!(of("--fast").expect_err("no such option").contains("unexpected --fast"));
    }
}
