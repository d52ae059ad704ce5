//! Playing a scenario from its beginning to an instant.

use highwater_cluster::time::Time;
use highwater_scenario::session::Session;

/// Far more steps than a scenario of minutes takes; the world's own bounds come first.
const STEPS: u32 = 1_000_000;

/// A session at the beginning of a scenario, or what is wrong with its text.
pub(crate) fn begin(script: &str) -> Result<Session, String> {
    Session::parse(script).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        format!("the scenario cannot be read: {}", lines.join("; "))
    })
}

/// Plays on to an instant, in microseconds of virtual time.
pub(crate) fn play(session: &mut Session, until: u64) -> Result<(), String> {
    let until = Time(until);
    loop {
        let advance = session.advance(until, STEPS);
        if let Some(halt) = advance.halted {
            return Err(halt.sentence);
        }
        if !advance.behind {
            return Ok(());
        }
    }
}
