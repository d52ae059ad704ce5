//! Finding the group's coordinator.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{FindCoordinatorRequest, FindCoordinatorResponse};

use crate::consumer::Consumer;
use crate::consumer::responses::Sent;
use crate::ctx::Ctx;
use crate::ids::{BrokerId, NodeId};

impl Consumer {
    /// Asks a broker who the coordinator is, if none is known.
    pub(super) fn look_up_coordinator(&mut self, ctx: &mut Ctx<'_>) {
        let membership = &self.membership;
        if membership.coordinator.is_some()
            || membership.is_looking_up
            || membership.look_up_at > ctx.now()
        {
            return;
        }
        let broker = self.updater.metadata.pick_node(ctx);
        let request =
            FindCoordinatorRequest::default().with_coordinator_keys(vec![self.group_id().0]);
        self.membership.is_looking_up = true;
        self.send(ctx, NodeId::Broker(broker), request, Sent::FindCoordinator(broker));
    }

    pub(super) fn on_coordinator_found(
        &mut self,
        ctx: &mut Ctx<'_>,
        response: &FindCoordinatorResponse,
    ) {
        self.membership.is_looking_up = false;
        let Some(found) = response.coordinators.first() else {
            return self.coordinator_not_found(ctx);
        };
        match ResponseError::try_from_code(found.error_code) {
            None => {
                self.membership.coordinator = Some(BrokerId(found.node_id.0));
                self.membership.look_up_attempts = 0;
                self.membership.session_began = ctx.now();
            }
            Some(
                error @ (ResponseError::InvalidGroupId | ResponseError::GroupAuthorizationFailed),
            ) => {
                // It is looked up while the application works, too.
                self.membership.look_up_at = ctx.now() + self.config.retry_pause();
                self.fail(ctx, error);
            }
            Some(_) => self.coordinator_not_found(ctx),
        }
    }

    /// Nobody coordinates the group yet, as while `__consumer_offsets` is being created, or nobody
    /// said who does.
    pub(super) fn coordinator_not_found(&mut self, ctx: &mut Ctx<'_>) {
        self.membership.is_looking_up = false;
        let attempts = self.membership.look_up_attempts;
        self.membership.look_up_attempts = attempts.saturating_add(1);
        self.membership.look_up_at = ctx.now() + self.config.retry_backoff().wait(ctx, attempts);
        // The broker that was asked may be gone, and with it what is known of the others.
        self.updater.request_update();
    }
}
