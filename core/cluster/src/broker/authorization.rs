//! What a broker lets a client do, where an authorizer is configured: each request is judged before it is handled, as
//! Kafka's `KafkaApis` and `ControllerApis` do within.
//!
//! A request may be allowed in part. Then the allowed part is handled as if it were all, and what was refused is put into
//! its answer. What the controller would judge is judged here before it is passed on: the wrapping that would carry
//! the client's principal to it is left out.

use std::collections::BTreeMap;
use std::sync::Arc;

use kafka_protocol::error::ResponseError;

use crate::acl::event::AclEvent;
use crate::acl::{Acl, Action, Authorizer, Operation, Principal, ResourceType, Ruling};
use crate::broker::Broker;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::group::identity;
use crate::ids::{BrokerId, CorrelationId, NodeId};
use crate::input::ReplyTo;
use crate::message::{Request, Response};
use crate::metadata::MetadataImage;

mod describe;
mod filter;
mod judge;
mod merge;
mod metadata;
mod parts;
mod refused;
#[cfg(test)]
mod tests;

/// What is to be done with a request.
#[derive(Debug)]
pub(super) enum Verdict {
    /// All of it is allowed.
    Allowed,
    /// None of it is.
    Refused(ResponseError),
    /// Parts of it are refused; what is left is allowed, if anything is.
    InParts { allowed: Option<Request>, refused: Vec<(Request, ResponseError)> },
    /// This is to be handled in its place.
    Instead(Request),
    /// This is the answer.
    Answer(Response),
    /// It is allowed, and its answer tells only of what the client may know.
    Filtered,
}

/// The answers to come to requests that were allowed in part: what the client may not know is taken out of them, and these
/// answers to what was refused are put into them.
#[derive(Clone, Debug, Default)]
pub(super) struct Unfinished(BTreeMap<(NodeId, CorrelationId), Vec<Response>>);

/// A client whose request is judged, and what it is denied on the way.
pub(super) struct Judge<'a> {
    authorizer: &'a Authorizer,
    image: &'a MetadataImage,
    principal: Principal,
    host: Arc<str>,
    denied: Vec<Denied>,
}

#[derive(Debug)]
struct Denied {
    operation: Operation,
    resource: ResourceType,
    name: Arc<str>,
    ruling: Ruling,
}

impl Judge<'_> {
    /// Whether the client may; that it may not is told.
    fn may(&mut self, operation: Operation, resource: ResourceType, name: &str) -> bool {
        let ruling = self.ruling(operation, resource, name);
        let is_allowed = ruling.is_allowed();
        if !is_allowed {
            let denied = Denied { operation, resource, name: name.into(), ruling };
            self.denied.push(denied);
        }
        is_allowed
    }

    /// Whether the client may, where it did not ask for that in particular: `logIfDenied = false`.
    fn may_quietly(&self, operation: Operation, resource: ResourceType, name: &str) -> bool {
        self.ruling(operation, resource, name).is_allowed()
    }

    /// Whether the client may do that with any resource of the kind.
    fn may_with_any(&self, operation: Operation, resource: ResourceType) -> bool {
        let action = self.action(operation, resource, "");
        self.authorizer.authorize_any(self.acls(), &action)
    }

    fn ruling(&self, operation: Operation, resource: ResourceType, name: &str) -> Ruling {
        self.authorizer.authorize(self.acls(), &self.action(operation, resource, name))
    }

    fn action<'a>(
        &'a self,
        operation: Operation,
        resource: ResourceType,
        name: &'a str,
    ) -> Action<'a> {
        Action { principal: &self.principal, host: &self.host, operation, resource, name }
    }

    fn acls(&self) -> impl Iterator<Item = &Acl> + Clone {
        self.image.acls.values()
    }
}

impl Broker {
    /// Whom it asks what a client may do.
    pub(crate) fn authorizer(&self) -> Option<&Authorizer> {
        self.authorizer.as_ref()
    }

    /// Judges a request, and answers what is refused. What is left to be handled comes back.
    pub(super) fn authorized(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: Request,
    ) -> Option<Request> {
        // Brokers and controllers are super users: all that they ask of each other is a ClusterAction.
        if !matches!(from.node, NodeId::Client(_)) {
            return Some(request);
        }
        let Some(mut judge) = self.judge(ctx, from.node) else { return Some(request) };
        let verdict = judge.judge(&self.config, &request);
        tell_denied(ctx, self.id, from.node, &request, judge);
        match verdict {
            Verdict::Allowed => Some(request),
            Verdict::Instead(request) => Some(request),
            Verdict::Refused(error) => {
                self.answer_refused(ctx, from, &request, error);
                None
            }
            Verdict::Answer(response) => {
                ctx.respond(from, response);
                None
            }
            Verdict::Filtered => {
                self.finish_later(from, Vec::new());
                Some(request)
            }
            Verdict::InParts { allowed, refused } => {
                if wants_no_answer(&request) {
                    // There is nothing to say it in: as Kafka does, so that the producer hears of it at all.
                    ctx.close_connection(from.node);
                    return allowed;
                }
                let refused =
                    refused.iter().map(|(request, error)| self.denial(ctx, request, *error));
                let mut refused: Vec<Response> = refused.collect();
                if allowed.is_some() {
                    self.finish_later(from, refused);
                } else if let Some(whole) = refused.drain(..).reduce(merge::merged) {
                    ctx.respond(from, whole);
                }
                allowed
            }
        }
    }

    /// Lets the broker work, and finishes the answers that it gives to requests that were allowed in part.
    pub(super) fn finishing_answers(
        &mut self,
        ctx: &mut Ctx<'_>,
        work: impl FnOnce(&mut Self, &mut Ctx<'_>),
    ) {
        if self.process.unfinished.0.is_empty() {
            return work(self, ctx);
        }
        ctx.hold_responses();
        work(self, ctx);
        for (to, response) in ctx.release_responses() {
            let refused = self.process.unfinished.0.remove(&(to.node, to.correlation_id));
            let response = match (refused, self.judge(ctx, to.node)) {
                (Some(refused), Some(judge)) => {
                    let told = filter::filtered(&judge, response);
                    refused.into_iter().fold(told, merge::merged)
                }
                _ => response,
            };
            ctx.respond(to, response);
        }
    }

    /// The connection with a client is gone: nothing that it asked is answered any more.
    pub(super) fn forget_unfinished(&mut self, client: NodeId) {
        self.process.unfinished.0.retain(|(node, _), _| *node != client);
    }

    fn finish_later(&mut self, from: ReplyTo, refused: Vec<Response>) {
        self.process.unfinished.0.insert((from.node, from.correlation_id), refused);
    }

    fn answer_refused(
        &self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &Request,
        error: ResponseError,
    ) {
        if wants_no_answer(request) {
            // As Kafka does, so that the producer hears of it at all.
            return ctx.close_connection(from.node);
        }
        let response = self.denial(ctx, request, error);
        ctx.respond(from, response);
    }

    fn judge(&self, ctx: &Ctx<'_>, client: NodeId) -> Option<Judge<'_>> {
        Some(Judge {
            authorizer: self.authorizer.as_ref()?,
            image: &self.process.image,
            principal: identity::principal(ctx, client),
            host: identity::host_of_node(client).trim_start_matches('/').into(),
            denied: Vec::new(),
        })
    }
}

fn tell_denied(
    ctx: &mut Ctx<'_>,
    broker: BrokerId,
    client: NodeId,
    request: &Request,
    judge: Judge<'_>,
) {
    for Denied { operation, resource, name, ruling } in judge.denied {
        let denied = AclEvent::Denied {
            broker,
            client,
            principal: judge.principal.clone(),
            host: judge.host.clone(),
            operation,
            resource,
            name,
            api: request.api_key(),
            ruling,
        };
        ctx.emit(EventKind::Acl(Arc::new(denied)));
    }
}

/// Whether a request has no answer: `acks=0`.
fn wants_no_answer(request: &Request) -> bool {
    matches!(request, Request::Produce(body) if body.acks == 0)
}
