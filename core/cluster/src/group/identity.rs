//! Who a client is: the `client.id` and the address that its connection shows, and the member id
//! that it is given.

use std::sync::Arc;

use kafka_protocol::messages::ApiKey;

use crate::acl::Principal;
use crate::ctx::Ctx;
use crate::ids::{ClientId, MemberId, NodeId};
use crate::node::Node;

/// The `client.id` in the headers of a client's requests.
pub(crate) fn client_id(ctx: &Ctx<'_>, node: NodeId) -> Arc<str> {
    let slot = ctx.world.nodes.get(&node);
    let own = slot.and_then(|slot| slot.node.as_deref()).and_then(Node::client_id);
    if let Some(own) = own {
        return own;
    }
    let client = match node {
        NodeId::Client(id) => ctx.world.client(id),
        NodeId::Controller(_) | NodeId::Broker(_) => None,
    };
    client.map_or_else(|| "".into(), |client| client.name.clone())
}

/// The version in which a client asks what it waits for just now, if it is from outside and that is what it asks. All
/// others speak the newest.
pub(crate) fn version_asked(ctx: &Ctx<'_>, node: NodeId, api: ApiKey) -> Option<i16> {
    let slot = ctx.world.nodes.get(&node)?;
    slot.node.as_deref()?.version_asked(api)
}

/// Who a client is: the user that it says it is, or else nobody in particular.
pub(crate) fn principal(ctx: &Ctx<'_>, node: NodeId) -> Principal {
    let slot = ctx.world.nodes.get(&node);
    let own = slot.and_then(|slot| slot.node.as_deref()).and_then(Node::principal);
    own.unwrap_or_else(Principal::anonymous)
}

/// A new member id, as Kafka makes them: the `group.instance.id` or else the `client.id`, and a
/// random UUID.
pub(super) fn new_member_id(ctx: &mut Ctx<'_>, prefix: &str) -> MemberId {
    let random = ctx.random("member ids");
    let bits = u128::from(random.next_u64()) << 64 | u128::from(random.next_u64());
    let id = uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid();
    MemberId(format!("{prefix}-{id}").into())
}

/// The address that a client's connection comes from: one in 10.0.0.0/8 for each client.
pub(crate) fn host_of_node(node: NodeId) -> Arc<str> {
    let number = match node {
        NodeId::Client(id) => id.0,
        NodeId::Controller(_) | NodeId::Broker(_) => 0,
    };
    let [_, a, b, c] = number.to_be_bytes();
    format!("/10.{a}.{b}.{c}").into()
}

/// The client that connects from an address. A new coordinator learns from it who the members are
/// that it finds in the log.
pub(super) fn node_of_host(host: &str) -> NodeId {
    let parts = host.trim_start_matches('/').split('.').skip(1);
    let number = parts
        .filter_map(|part| part.parse::<u8>().ok())
        .fold(0_u32, |number, part| number.wrapping_shl(8) | u32::from(part));
    NodeId::Client(ClientId(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_back_to_its_client() {
        for id in [0, 1, 255, 256, 500, (1 << 24) - 1] {
            let node = NodeId::Client(ClientId(id));
            assert_eq!(node_of_host(&host_of_node(node)), node, "client {id}");
        }
    }
}
