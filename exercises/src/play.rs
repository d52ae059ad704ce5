//! Playing a scenario from its beginning to an instant.

use highwater_cluster::time::Time;
use highwater_scenario::session::Session;

use crate::paced::Pause;

/// So many steps are a portion: some milliseconds of a slow machine.
const STEPS: u32 = 500;

/// So many portions are far more than what is to be understood takes; a scenario that somebody brings may take more.
const MOST_PORTIONS: u32 = 2_000;

/// How much a run may yet take.
pub(crate) struct Budget(u32);

impl Default for Budget {
    fn default() -> Self {
        Self(MOST_PORTIONS)
    }
}

/// A session at the beginning of a scenario, or what is wrong with its text.
pub(crate) fn begin(script: &str) -> Result<Session, String> {
    Session::parse(script).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        format!("the scenario cannot be read: {}", lines.join("; "))
    })
}

/// Plays on to an instant, in microseconds of virtual time, with pauses.
pub(crate) async fn play(
    session: &mut Session,
    until: u64,
    budget: &mut Budget,
) -> Result<(), String> {
    let until = Time(until);
    loop {
        let advance = session.advance(until, STEPS);
        if let Some(halt) = advance.halted {
            return Err(halt.sentence);
        }
        Pause::default().await;
        if !advance.behind {
            return Ok(());
        }
        let Some(left) = budget.0.checked_sub(1) else {
            let most = u64::from(STEPS) * u64::from(MOST_PORTIONS);
            return Err(format!(
                "so much happens that it is not played to its end (more than {most} steps): make it shorter, or its producers slower"
            ));
        };
        budget.0 = left;
    }
}
