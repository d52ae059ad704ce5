//! What can go wrong with a broker: its power, its process, its disk, its clock.

use highwater_cluster::action::Action;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::fault::Fault;
use highwater_cluster::ids::BrokerId;
use highwater_cluster::time::Span;

use crate::options::{Given, Operands, Opt, parse, parse_duration, quote, suggest_duration};
use crate::words::Word;

use super::nodes::broker_id;
use super::{Outcome, act};

/// The longest pause, delay and slowness that can be asked for: an hour.
pub(super) const LONGEST: Span = Span(3_600_000_000);
/// The most that a clock can be off: a year.
const MOST_SKEW_MS: u64 = 365 * 24 * 3_600_000;

/// The options of `broker pause`.
pub(super) const PAUSE: &[Opt] =
    &[Opt::duration("--for", "TIME", "how long; without it, until broker resume")];
/// The options of `broker slow-disk`.
pub(super) const SLOW_DISK: &[Opt] =
    &[Opt::duration("--append", "TIME", "how long each append takes; 0ms undoes it").required()];
/// The options of `broker clock`.
pub(super) const CLOCK: &[Opt] =
    &[Opt::text("--skew", "TIME", "by how much its wall clock is off: -90s, 1h; 0s undoes it")
        .required()];

/// A verb that takes a broker and perhaps options.
pub(super) fn broker(ctx: &mut Ctx<'_>, verb: &str, words: &[Word]) -> Outcome {
    let (broker, given) = broker_and_options(verb, words)?;
    let (fault, said) = match verb {
        "power-loss" => (Fault::PowerLoss(broker), format!("Broker {broker} lost power.")),
        "pause" => pause(broker, &given)?,
        "resume" => (Fault::Resume(broker), format!("Broker {broker} goes on.")),
        "slow-disk" => slow_disk(broker, &given)?,
        "full-disk" => (
            Fault::FullDisk(broker),
            format!("The disk of broker {broker} is full: the next write fails."),
        ),
        "free-disk" => {
            (Fault::FreeDisk(broker), format!("The disk of broker {broker} has room again."))
        }
        "clock" => clock(broker, &given)?,
        "hide" => (
            Fault::Hide(broker),
            format!("Metadata answers leave broker {broker} out from here on."),
        ),
        _ => (Fault::Show(broker), format!("Metadata answers list broker {broker} again.")),
    };
    act(ctx, Action::Fault(fault), said)
}

/// The broker that a verb is about, and its options.
pub(super) fn broker_and_options(verb: &str, words: &[Word]) -> Result<(BrokerId, Given), String> {
    let options = super::options("broker", verb);
    let given = parse(options, Operands::Accepted, words).map_err(|error| error.to_string())?;
    let broker = broker_id(verb, &given.operands)?;
    Ok((broker, given))
}

/// A length of time that an option gives, at most an hour.
pub(super) fn length(given: &Given, option: &str) -> Result<Option<Span>, String> {
    let Some(length) = given.duration(option).map(Span) else { return Ok(None) };
    if length > LONGEST {
        return Err(format!("{option} takes an hour at most: {option} 1h"));
    }
    Ok(Some(length))
}

fn pause(broker: BrokerId, given: &Given) -> Result<(Fault, String), String> {
    let length = length(given, "--for")?;
    let until = match length {
        Some(Span::ZERO) => return Err("a pause takes some time: --for 20s".to_owned()),
        Some(length) => format!("for {length}"),
        None => format!("until: broker resume {broker}"),
    };
    Ok((Fault::Pause { broker, length }, format!("Broker {broker} stands still {until}.")))
}

fn slow_disk(broker: BrokerId, given: &Given) -> Result<(Fault, String), String> {
    let append = length(given, "--append")?.unwrap_or(Span::ZERO);
    let said = match append {
        Span::ZERO => format!("The disk of broker {broker} is as fast as before."),
        append => format!("The disk of broker {broker} takes {append} for each append."),
    };
    Ok((Fault::SlowDisk { broker, append }, said))
}

fn clock(broker: BrokerId, given: &Given) -> Result<(Fault, String), String> {
    let text = given.text("--skew").unwrap_or_default();
    let (sign, number) = match text.strip_prefix('-') {
        Some(number) => (-1, number),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let Some(micros) = parse_duration(number) else {
        let meant = suggest_duration(number).map_or(String::new(), |meant| {
            let sign = if sign < 0 { "-" } else { "" };
            format!("; did you mean {sign}{meant}?")
        });
        return Err(format!("--skew takes a time such as -90s or 1h, not {}{meant}", quote(text)));
    };
    let millis = micros / 1_000;
    if millis > MOST_SKEW_MS {
        return Err("--skew takes a year at most: --skew 365d".to_owned());
    }
    let skew_ms = sign * millis as i64;
    let length = Span::from_millis(millis as i64);
    let said = match skew_ms {
        0 => format!("The clock of broker {broker} is right."),
        1.. => format!("The clock of broker {broker} is {length} fast."),
        _ => format!("The clock of broker {broker} is {length} slow."),
    };
    Ok((Fault::Clock { broker, skew_ms }, said))
}
