//! Playing a session on, in portions, so that what it prints can be taken in between.

use highwater_scenario::cluster::time::{Span, Time};
use highwater_scenario::script::Micros;
use highwater_scenario::session::Session;

use crate::problem::Problem;

/// Steps of the engine between two looks at what came of them: few enough that the session still remembers all of it.
const PORTION: u32 = 500;

/// The virtual time of a portion at the most: also a cluster that stands still for a century is left in the end.
const LONGEST: Span = Span(3_600 * 1_000_000);

/// What that much virtual time counts as, in steps, if less than a portion happens in it.
const LONGEST_STEPS: u64 = 5_000;

/// How many steps a run may take, if nobody says otherwise.
pub(crate) const MOST_STEPS: u64 = 20_000_000;

/// How much a run may yet do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    most: u64,
    left: u64,
}

impl Budget {
    /// So many steps.
    pub(crate) fn new(most: u64) -> Self {
        Self { most, left: most }
    }

    fn spend(&mut self, steps: u64, session: &Session) -> Result<(), Problem> {
        self.left = self.left.checked_sub(steps).ok_or_else(|| {
            let (most, at) = (self.most, Micros(session.now().0));
            Problem::Halted(format!(
                "it is stopped at {at}, after {most} steps of the engine: --max-steps allows more, --until ends it earlier"
            ))
        })?;
        Ok(())
    }
}

/// Plays up to and including `until`, and looks after each portion.
///
/// # Errors
/// What the look says; that a bound was reached.
pub(crate) fn play(
    session: &mut Session,
    until: Time,
    budget: &mut Budget,
    mut look: impl FnMut(&mut Session) -> Result<(), Problem>,
) -> Result<(), Problem> {
    loop {
        let is_more = portion(session, until, budget, &mut look)?;
        if !is_more {
            return Ok(());
        }
    }
}

/// Plays a portion of the way to `until`, and looks. Whether there is more to play.
pub(crate) fn portion(
    session: &mut Session,
    until: Time,
    budget: &mut Budget,
    look: &mut impl FnMut(&mut Session) -> Result<(), Problem>,
) -> Result<bool, Problem> {
    let soon = until.min(session.now() + LONGEST);
    let advance = session.advance(soon, PORTION);
    look(session)?;
    if let Some(halt) = advance.halted {
        return Err(Problem::Halted(halt.sentence));
    }
    let spent = match advance.behind {
        true => u64::from(PORTION),
        false if soon < until => LONGEST_STEPS,
        false => return Ok(false),
    };
    budget.spend(spent, session)?;
    Ok(true)
}
