//! `controller stop|kill|start`.

use highwater_cluster::action::Action;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::ControllerId;

use crate::options::quote;
use crate::words::Word;

use super::{Outcome, act};

/// `controller stop 101`.
pub(super) fn controller(ctx: &mut Ctx<'_>, verb: &str, words: &[Word]) -> Outcome {
    let first = ctx.controllers()[0];
    let [word] = words else {
        return Err(format!(
            "write the controller's number, and nothing after it: controller {verb} {first}"
        ));
    };
    let number = word.text.strip_prefix("controller").unwrap_or(&word.text);
    let Ok(id) = number.parse::<i32>().map(ControllerId) else {
        return Err(format!(
            "{} is no controller; write its number: controller {verb} {first}",
            quote(&word.text)
        ));
    };
    let (action, said) = match verb {
        "stop" => (Action::StopController(id), format!("Controller {id} is shutting down.")),
        "kill" => (Action::KillController(id), format!("Controller {id} was killed.")),
        _ => (Action::StartController(id), format!("Controller {id} is starting.")),
    };
    act(ctx, action, said)
}
