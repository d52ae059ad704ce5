//! Entries and filters as the protocol has them.

use kafka_protocol::messages::create_acls_request::AclCreation;
use kafka_protocol::messages::delete_acls_request::DeleteAclsFilter;
use kafka_protocol::messages::delete_acls_response::DeleteAclsMatchingAcl;
use kafka_protocol::messages::describe_acls_response::{AclDescription, DescribeAclsResource};
use kafka_protocol::messages::{DescribeAclsRequest, DescribeAclsResponse};
use kafka_protocol::protocol::StrBytes;

use super::{
    AccessControlEntry, Acl, AclFilter, CLUSTER_NAME, Operation, PatternFilter, PatternType,
    Permission, Principal, ResourcePattern, ResourceType,
};

impl Acl {
    /// As a request asks for it.
    pub fn creation(&self) -> AclCreation {
        let Self { pattern, entry } = self;
        AclCreation::default()
            .with_resource_type(pattern.resource_type.code())
            .with_resource_name(text(&pattern.name))
            .with_resource_pattern_type(pattern.pattern_type.code())
            .with_principal(text(&entry.principal.to_string()))
            .with_host(text(&entry.host))
            .with_operation(entry.operation.code())
            .with_permission_type(entry.permission.code())
    }

    /// The entry that a request asks for. `AclApis.handleCreateAcls`, `AclControlManager.validateNewAcl`.
    ///
    /// # Errors
    /// What Kafka says of one that cannot be.
    pub fn of_creation(asked: &AclCreation) -> Result<Self, String> {
        let resource_type = ResourceType::from_code(asked.resource_type);
        let name = &*asked.resource_name;
        if resource_type == Some(ResourceType::Cluster) && name != CLUSTER_NAME {
            return Err(format!("The only valid name for the CLUSTER resource is {CLUSTER_NAME}"));
        }
        if name.is_empty() {
            return Err("Invalid empty resource name".to_owned());
        }
        let resource_type = specific("resourceType", resource_type, ResourceType::Any)?;
        let pattern_type = PatternType::from_code(asked.resource_pattern_type);
        let pattern_type = specific("patternType", pattern_type, PatternType::Any)?;
        if pattern_type == PatternType::Match {
            return Err("Invalid patternType MATCH".to_owned());
        }
        let operation = Operation::from_code(asked.operation);
        let permission = Permission::from_code(asked.permission_type);
        Ok(Self {
            pattern: ResourcePattern { resource_type, name: name.into(), pattern_type },
            entry: AccessControlEntry {
                operation: specific("operation", operation, Operation::Any)?,
                permission: specific("permissionType", permission, Permission::Any)?,
                principal: Principal::parse(&asked.principal)?,
                host: (&*asked.host).into(),
            },
        })
    }

    pub(crate) fn deleted(&self) -> DeleteAclsMatchingAcl {
        let Self { pattern, entry } = self;
        DeleteAclsMatchingAcl::default()
            .with_error_message(None)
            .with_resource_type(pattern.resource_type.code())
            .with_resource_name(text(&pattern.name))
            .with_pattern_type(pattern.pattern_type.code())
            .with_principal(text(&entry.principal.to_string()))
            .with_host(text(&entry.host))
            .with_operation(entry.operation.code())
            .with_permission_type(entry.permission.code())
    }
}

impl AclFilter {
    /// All entries on what a filter of patterns means.
    pub fn on(pattern: PatternFilter) -> Self {
        let (operation, permission) = (Operation::Any, Permission::Any);
        Self { pattern, principal: None, host: None, operation, permission }
    }

    /// The request for those that there are.
    pub fn describe(&self) -> DescribeAclsRequest {
        DescribeAclsRequest::default()
            .with_resource_type_filter(self.pattern.resource_type.code())
            .with_resource_name_filter(self.pattern.name.as_deref().map(text))
            .with_pattern_type_filter(self.pattern.pattern_type.code())
            .with_principal_filter(self.principal.as_ref().map(|it| text(&it.to_string())))
            .with_host_filter(self.host.as_deref().map(text))
            .with_operation(self.operation.code())
            .with_permission_type(self.permission.code())
    }

    /// As a request to delete asks for them.
    pub fn deletion(&self) -> DeleteAclsFilter {
        DeleteAclsFilter::default()
            .with_resource_type_filter(self.pattern.resource_type.code())
            .with_resource_name_filter(self.pattern.name.as_deref().map(text))
            .with_pattern_type_filter(self.pattern.pattern_type.code())
            .with_principal_filter(self.principal.as_ref().map(|it| text(&it.to_string())))
            .with_host_filter(self.host.as_deref().map(text))
            .with_operation(self.operation.code())
            .with_permission_type(self.permission.code())
    }

    /// The filter of a request for those that there are; the error is what Kafka says of one that means nothing.
    pub(crate) fn of_description(asked: &DescribeAclsRequest) -> Result<Self, String> {
        Self::read(
            (asked.resource_type_filter, asked.pattern_type_filter),
            (asked.operation, asked.permission_type),
            [&asked.resource_name_filter, &asked.principal_filter, &asked.host_filter],
        )
    }

    /// The filter of a request to delete; the error is what Kafka says of one that means nothing.
    pub(crate) fn of_deletion(asked: &DeleteAclsFilter) -> Result<Self, String> {
        Self::read(
            (asked.resource_type_filter, asked.pattern_type_filter),
            (asked.operation, asked.permission_type),
            [&asked.resource_name_filter, &asked.principal_filter, &asked.host_filter],
        )
    }

    fn read(
        (resource_type, pattern_type): (i8, i8),
        (operation, permission): (i8, i8),
        [name, principal, host]: [&Option<StrBytes>; 3],
    ) -> Result<Self, String> {
        let pattern =
            ResourceType::from_code(resource_type).zip(PatternType::from_code(pattern_type));
        let entry = Operation::from_code(operation).zip(Permission::from_code(permission));
        let (resource_type, pattern_type) = pattern.ok_or("Unknown patternFilter.")?;
        let (operation, permission) = entry.ok_or("Unknown entryFilter.")?;
        Ok(Self {
            pattern: PatternFilter {
                resource_type,
                name: name.as_deref().map(Into::into),
                pattern_type,
            },
            principal: principal.as_deref().map(Principal::parse).transpose()?,
            host: host.as_deref().map(Into::into),
            operation,
            permission,
        })
    }
}

/// The entries of an answer, in its order.
///
/// # Errors
/// What is said of one that makes no sense.
pub fn described(response: &DescribeAclsResponse) -> Result<Vec<Acl>, String> {
    let each = response.resources.iter().flat_map(|resource| {
        resource.acls.iter().map(|entry| {
            Acl::of_creation(
                &AclCreation::default()
                    .with_resource_type(resource.resource_type)
                    .with_resource_name(resource.resource_name.clone())
                    .with_resource_pattern_type(resource.pattern_type)
                    .with_principal(entry.principal.clone())
                    .with_host(entry.host.clone())
                    .with_operation(entry.operation)
                    .with_permission_type(entry.permission_type),
            )
        })
    });
    each.collect()
}

/// Entries as an answer has them: by their resources.
pub(crate) fn by_resource<'a>(
    acls: impl IntoIterator<Item = &'a Acl>,
) -> Vec<DescribeAclsResource> {
    let mut resources: Vec<(&ResourcePattern, DescribeAclsResource)> = Vec::new();
    for Acl { pattern, entry } in acls {
        let description = AclDescription::default()
            .with_principal(text(&entry.principal.to_string()))
            .with_host(text(&entry.host))
            .with_operation(entry.operation.code())
            .with_permission_type(entry.permission.code());
        match resources.iter_mut().find(|(known, _)| *known == pattern) {
            Some((_, resource)) => resource.acls.push(description),
            None => {
                let resource = DescribeAclsResource::default()
                    .with_resource_type(pattern.resource_type.code())
                    .with_resource_name(text(&pattern.name))
                    .with_pattern_type(pattern.pattern_type.code())
                    .with_acls(vec![description]);
                resources.push((pattern, resource));
            }
        }
    }
    resources.into_iter().map(|(_, resource)| resource).collect()
}

/// A kind that is one in particular.
fn specific<T: PartialEq + std::fmt::Display>(
    what: &str,
    kind: Option<T>,
    any: T,
) -> Result<T, String> {
    match kind {
        None => Err(format!("Invalid {what} UNKNOWN")),
        Some(kind) if kind == any => Err(format!("Invalid {what} {any}")),
        Some(kind) => Ok(kind),
    }
}

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}
