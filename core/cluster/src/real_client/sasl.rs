//! How a client from outside says who it is: SaslHandshake, then SaslAuthenticate, with `PLAIN` (RFC 4616).

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::ApiKey;
use kafka_protocol::protocol::{Encodable, StrBytes};

use super::RealClient;
use crate::acl::event::AclEvent;
use crate::client::security::Login;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::NodeId;
use crate::wire::{ClientRequest, Reply};

/// The mechanism that there is.
const PLAIN: &str = "PLAIN";
/// What Kafka says of a wrong name or password.
const INVALID: &str = "Authentication failed: Invalid username or password";

impl RealClient {
    /// Tells which mechanisms there are. Where no users are configured, the listener knows none, as one of Kafka's for
    /// `PLAINTEXT`.
    pub(super) fn shake_hands(&self, ctx: &mut Ctx<'_>, client: &ClientRequest, mechanism: &str) {
        let has_users = ctx.users_of(self.broker).is_some();
        let error = match mechanism {
            _ if !has_users => Some(ResponseError::IllegalSaslState),
            PLAIN => None,
            _ => Some(ResponseError::UnsupportedSaslMechanism),
        };
        let known = has_users.then(|| StrBytes::from_static_str(PLAIN));
        let body = kafka::SaslHandshakeResponse::default()
            .with_error_code(error.map_or(0, |error| error.code()))
            .with_mechanisms(known.into_iter().collect());
        reply(ctx, ApiKey::SaslHandshake, client, &body);
    }

    /// Believes the client who it is, or closes its connection.
    pub(super) fn authenticate(
        &mut self,
        ctx: &mut Ctx<'_>,
        client: &ClientRequest,
        bytes: &Bytes,
    ) {
        let login = login(bytes);
        let users = ctx.users_of(self.broker).unwrap_or_default();
        let is_believed = login.as_ref().is_some_and(|login| users.know(login));
        let response = kafka::SaslAuthenticateResponse::default();
        let body = match is_believed {
            true => response.with_error_message(None),
            false => response
                .with_error_code(ResponseError::SaslAuthenticationFailed.code())
                .with_error_message(Some(StrBytes::from_static_str(INVALID))),
        };
        reply(ctx, ApiKey::SaslAuthenticate, client, &body);
        if is_believed {
            self.login = login;
            return;
        }
        let user = login.map_or_else(|| "".into(), |login| login.user);
        let (broker, me) = (self.broker, NodeId::Client(ctx.my_client_id()));
        let failed = AclEvent::AuthenticationFailed { broker, client: me, user };
        ctx.emit(EventKind::Acl(Arc::new(failed)));
        self.close(ctx, None);
    }
}

/// A name and a password, each behind a zero; before the first may stand whom the client acts for.
fn login(bytes: &Bytes) -> Option<Login> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut parts = text.split('\0').skip(1);
    let (user, password) = (parts.next()?, parts.next()?);
    Some(Login { user: user.into(), password: password.into() })
}

fn reply(ctx: &mut Ctx<'_>, api: ApiKey, client: &ClientRequest, body: &impl Encodable) {
    let mut bytes = BytesMut::new();
    body.encode(&mut bytes, client.version)
        .unwrap_or_else(|_| panic!("a message of ours fits its version"));
    let (version, correlation_id) = (client.version, client.correlation_id);
    ctx.reply(Reply::Sasl { api, version, correlation_id, body: bytes.freeze() });
}
