//! What happens with access control lists.

use std::sync::Arc;

use kafka_protocol::messages::ApiKey;

use super::{Acl, Operation, Principal, ResourceType, Ruling};
use crate::ids::{BrokerId, NodeId};

/// Something that happened with access control lists.
#[derive(Clone, Debug, PartialEq)]
pub enum AclEvent {
    /// An entry came to be.
    Created { acl: Acl },
    /// An entry was taken away.
    Deleted { acl: Acl },
    /// A broker did not believe a client that it is who it says.
    AuthenticationFailed {
        broker: BrokerId,
        client: NodeId,
        /// Who it says that it is.
        user: Arc<str>,
    },
    /// A broker denied a client what it wanted.
    Denied {
        broker: BrokerId,
        client: NodeId,
        /// Who the client is.
        principal: Principal,
        /// The address that it connects from.
        host: Arc<str>,
        operation: Operation,
        resource: ResourceType,
        /// The resource's name.
        name: Arc<str>,
        /// The request by which it wanted to.
        api: ApiKey,
        ruling: Ruling,
    },
}
