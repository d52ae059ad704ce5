//! `broker stop|kill|start` and `network cut|heal`.

use highwater_cluster::action::Action;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{BrokerId, NodeId};

use crate::options::quote;
use crate::words::Word;

use super::{Outcome, act};

/// `broker stop 2`.
pub(super) fn broker(ctx: &mut Ctx<'_>, verb: &str, words: &[Word]) -> Outcome {
    let [word] = words else {
        return Err(format!("write the broker's number, and nothing after it: broker {verb} 2"));
    };
    let number = word.text.strip_prefix("broker").unwrap_or(&word.text);
    let Ok(id) = number.parse::<i32>().map(BrokerId) else {
        return Err(format!(
            "{} is no broker; write its number: broker {verb} 2",
            quote(&word.text)
        ));
    };
    let (action, said) = match verb {
        "stop" => (Action::StopBroker(id), format!("Broker {id} is shutting down.")),
        "kill" => (Action::KillBroker(id), format!("Broker {id} was killed.")),
        _ => (Action::StartBroker(id), format!("Broker {id} is starting.")),
    };
    act(ctx, action, said)
}

/// `network cut 1 3`.
pub(super) fn network(ctx: &mut Ctx<'_>, verb: &str, words: &[Word]) -> Outcome {
    let [a, b] = words else {
        return Err(format!("write two nodes, and nothing after them: network {verb} 1 3"));
    };
    let (a, b) = (node(ctx, &a.text)?, node(ctx, &b.text)?);
    if verb == "cut" {
        act(ctx, Action::CutLink(a, b), format!("Nothing passes between {a} and {b}."))
    } else {
        act(ctx, Action::HealLink(a, b), format!("Messages pass between {a} and {b} again."))
    }
}

/// A node by what a person calls it: `2`, `broker2`, `controller`, `c101`, `101`.
fn node(ctx: &Ctx<'_>, text: &str) -> Result<NodeId, String> {
    let controllers = ctx.controllers();
    if text == "controller" {
        return Ok(NodeId::Controller(controllers[0]));
    }
    let of_controller = ["controller", "c"].iter().find_map(|prefix| text.strip_prefix(prefix));
    let number = of_controller.or_else(|| text.strip_prefix("broker")).unwrap_or(text);
    let Ok(number) = number.parse::<i32>() else {
        return Err(format!(
            "{} is no node; write a broker's number such as 2, or controller",
            quote(text)
        ));
    };
    // Of a process that is both, a bare number means the broker.
    let is_broker = ctx.bootstrap_brokers().contains(&BrokerId(number));
    if of_controller.is_none() && is_broker {
        return Ok(NodeId::Broker(BrokerId(number)));
    }
    let controller = controllers.into_iter().find(|controller| controller.0 == number);
    Ok(controller.map_or(NodeId::Broker(BrokerId(number)), NodeId::Controller))
}
