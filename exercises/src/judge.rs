//! Judging a run of an exercise at an instant, as the proofs do, and the native program for an attempt.

use highwater_cluster::time::Time;
use highwater_scenario::session::Session;

use crate::check::{CheckState, Checklist};
use crate::model::{Exercise, Judged};
use crate::paced::at_once;
use crate::play::{Budget, play};

/// How often a checklist is looked at on the way, where once is enough for a line; in microseconds of virtual time.
const LOOK_EVERY: u64 = 100_000;

impl Exercise {
    /// Plays an attempt up to an instant and judges it there: how each line of the checklist stands.
    ///
    /// # Errors
    /// The run reached a bound: which.
    pub fn judge(&self, session: Session, until: Time) -> Result<Vec<CheckState>, String> {
        at_once(judged(self, session, until.0)).map(|(_, checks)| checks)
    }
}

/// Plays to the moment at which an exercise is judged, and judges it.
pub(crate) async fn judged(
    exercise: &Exercise,
    mut session: Session,
    until: u64,
) -> Result<(Session, Vec<CheckState>), String> {
    let (mut checklist, mut budget) = (Checklist::default(), Budget::default());
    if exercise.checks.iter().any(|check| check.judged == Judged::Once) {
        for at in (0..until).step_by(LOOK_EVERY as usize) {
            play(&mut session, at, &mut budget).await?;
            checklist.look(exercise, &session);
        }
    }
    play(&mut session, until, &mut budget).await?;
    let checks = checklist.look(exercise, &session);
    Ok((session, checks))
}
