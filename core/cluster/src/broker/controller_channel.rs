//! How a broker talks to the active controller: it learns who that is from its fetches of the
//! metadata log, and sends again what reached a controller that is not active, or none
//! (Kafka's `NodeToControllerChannelManager`).

use highwater_log::LeaderEpoch;
use kafka_protocol::error::ResponseError;

use crate::broker::alter_configs::Alteration;
use crate::broker::{Broker, Sent};
use crate::ctx::Ctx;
use crate::ids::{ControllerId, NodeId};
use crate::input::ReplyTo;
use crate::message::{Request, Response};
use crate::refusal;
use crate::time::{Span, Time};
use crate::timer::Timer;

/// How long a request waits until it is sent to the controller again: so often Kafka's channel looks
/// whether there is a controller.
const RETRY: Span = Span(100_000);

/// A client's request that waits to be passed on again.
#[derive(Clone, Debug)]
pub(super) struct Forwarding {
    pub(super) from: ReplyTo,
    pub(super) request: Request,
    /// When its client has given up waiting for certain.
    pub(super) until: Time,
    /// What the broker itself has to say to it: only the rest was passed on.
    pub(super) alteration: Option<Box<Alteration>>,
}

impl Broker {
    /// Sends a request to the controller.
    pub(super) fn ask_controller(
        &mut self,
        ctx: &mut Ctx<'_>,
        request: impl Into<Request>,
        sent: Sent,
    ) {
        let controller = NodeId::Controller(self.process.controller);
        let id = ctx.send(controller, request, self.config.request_timeout);
        self.process.requests.insert(id, sent);
    }

    /// Sends a request to the controller that counts as that client's.
    pub(super) fn ask_controller_for(
        &mut self,
        ctx: &mut Ctx<'_>,
        client: NodeId,
        request: impl Into<Request>,
        sent: Sent,
    ) {
        let controller = NodeId::Controller(self.process.controller);
        let timeout = self.config.request_timeout;
        let id = ctx.send_on_behalf_of(client, controller, request, timeout);
        self.process.requests.insert(id, sent);
    }

    /// Takes in what an answer tells of leader and epoch. True if the leader is another one than
    /// this broker talked to, or was not known to be it in this epoch.
    pub(super) fn hear_of_controller(&mut self, leader: i32, epoch: i32) -> bool {
        let (epoch, known) = (LeaderEpoch(epoch), self.process.controller_epoch);
        if epoch < known {
            return false;
        }
        self.process.controller_epoch = epoch;
        if leader < 0 {
            return false;
        }
        let leader = ControllerId(leader);
        let is_news = epoch > known || leader != self.process.controller;
        self.process.controller = leader;
        is_news
    }

    /// The controller that was asked for the metadata log does not lead or did not answer: the next
    /// one is asked from here on.
    pub(super) fn try_next_controller(&mut self, ctx: &Ctx<'_>) {
        let all = ctx.controllers();
        let present = all.iter().position(|id| *id == self.process.controller);
        self.process.controller = all[present.map_or(0, |index| (index + 1) % all.len())];
    }

    /// Passes a client's request on to the controller; its answer goes back to whoever asked (KIP-590).
    pub(super) fn forward(&mut self, ctx: &mut Ctx<'_>, from: ReplyTo, request: Request) {
        self.forward_rest(ctx, from, request, None);
    }

    /// Passes on the part of a client's change of settings that is for the controller.
    pub(super) fn forward_rest(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: Request,
        alteration: Option<Box<Alteration>>,
    ) {
        // A client waits for request.timeout.ms, whose default is that of brokers.
        let until = ctx.now() + self.config.request_timeout + self.config.request_timeout;
        self.pass_on(ctx, Forwarding { from, request, until, alteration });
    }

    /// The controller has answered. Where it tells the client to wait, this broker hears nothing of it until then.
    pub(super) fn forwarded_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        forwarding: &Forwarding,
        response: Response,
    ) {
        self.mute_as_told(ctx, forwarding.from.node, &response);
        match (&forwarding.alteration, response) {
            (Some(alteration), Response::IncrementalAlterConfigs(body)) => {
                ctx.respond(forwarding.from, alteration.finish(&body));
            }
            (_, response) => ctx.respond(forwarding.from, response),
        }
    }

    /// The controller did not answer, or is not the active one: the request is passed on again a
    /// little later, for as long as a client may wait for it.
    pub(super) fn forward_failed(&mut self, ctx: &mut Ctx<'_>, forwarding: Forwarding) {
        if ctx.now() >= forwarding.until {
            return;
        }
        let id = self.process.next_forwarding;
        self.process.next_forwarding += 1;
        self.process.forwardings.insert(id, forwarding);
        ctx.set_timer(RETRY, Timer::Forward(id));
    }

    pub(super) fn forward_again(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        if let Some(forwarding) = self.process.forwardings.remove(&id) {
            self.pass_on(ctx, forwarding);
        }
    }

    fn pass_on(&mut self, ctx: &mut Ctx<'_>, forwarding: Forwarding) {
        let (client, request) = (forwarding.from.node, forwarding.request.clone());
        self.ask_controller_for(ctx, client, request, Sent::Forwarded(Box::new(forwarding)));
    }
}

/// Whether a controller answered that it is not the active one.
pub(super) fn is_not_controller(response: &Response) -> bool {
    let meant = match response {
        Response::DescribeQuorum(_) => ResponseError::NotLeaderOrFollower,
        _ => ResponseError::NotController,
    };
    refusal::code(response) == meant.code()
}
