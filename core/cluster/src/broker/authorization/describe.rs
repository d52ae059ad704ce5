//! DescribeAcls, and what is for the controller if there is an authorizer at all. `AclApis`.

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::protocol::StrBytes;

use crate::acl::{AclFilter, by_resource};
use crate::broker::Broker;
use crate::controller::acls::{create_refused, delete_refused};
use crate::ctx::Ctx;
use crate::input::ReplyTo;
use crate::message::Request;

impl Broker {
    pub(in crate::broker) fn on_describe_acls(
        &self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &kafka::DescribeAclsRequest,
    ) {
        let response = kafka::DescribeAclsResponse::default();
        let refused = |error: ResponseError, message: String| {
            let message = Some(StrBytes::from_string(message));
            kafka::DescribeAclsResponse::default()
                .with_error_code(error.code())
                .with_error_message(message)
        };
        let response = match AclFilter::of_description(request) {
            _ if self.authorizer.is_none() => {
                let message = "No Authorizer is configured on the broker";
                refused(ResponseError::SecurityDisabled, message.to_owned())
            }
            Err(message) => refused(ResponseError::InvalidRequest, message),
            Ok(filter) => {
                let known = self.process.image.acls.values();
                let meant = known.filter(|acl| filter.matches(acl));
                response.with_error_message(None).with_resources(by_resource(meant))
            }
        };
        ctx.respond(from, response);
    }

    /// Entries come and go by the controller, if anybody asks for them at all.
    pub(in crate::broker) fn on_alter_acls(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: Request,
    ) {
        let (code, message) =
            (ResponseError::SecurityDisabled.code(), Some("No Authorizer is configured."));
        match &request {
            _ if self.authorizer.is_some() => self.forward(ctx, from, request),
            Request::CreateAcls(body) => ctx.respond(from, create_refused(body, code, message)),
            Request::DeleteAcls(body) => ctx.respond(from, delete_refused(body, code, message)),
            other => unreachable!("{:?} alters no entries", other.api_key()),
        }
    }
}
