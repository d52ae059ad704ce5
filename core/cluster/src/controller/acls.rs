//! CreateAcls and DeleteAcls: entries of access control lists come and go. `AclControlManager`.

use std::collections::BTreeMap;
use std::sync::Arc;

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::create_acls_response::AclCreationResult;
use kafka_protocol::messages::delete_acls_response::DeleteAclsFilterResult;
use kafka_protocol::protocol::StrBytes;

use super::Controller;
use crate::acl::event::AclEvent;
use crate::acl::{Acl, AclFilter};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::input::ReplyTo;
use crate::metadata::MetadataRecord;
use crate::metadata::record::{AccessControlEntryRecord, RemoveAccessControlEntryRecord};

impl Controller {
    pub(super) fn handle_create_acls(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        body: &kafka::CreateAclsRequest,
    ) {
        let mut records: Vec<MetadataRecord> = Vec::new();
        let mut results = Vec::new();
        let mut known: Vec<Acl> = self.image.acls.values().cloned().collect();
        for asked in &body.creations {
            match Acl::of_creation(asked) {
                Err(message) => results.push(not_created(invalid(), Some(&message))),
                Ok(acl) => {
                    // One that is there already is no error, and no second one.
                    if !known.contains(&acl) {
                        known.push(acl.clone());
                        ctx.emit(event(AclEvent::Created { acl: acl.clone() }));
                        let id = new_id(ctx);
                        records.push(AccessControlEntryRecord { id, acl }.into());
                    }
                    results.push(AclCreationResult::default().with_error_message(None));
                }
            }
        }
        self.write(ctx, &records);
        ctx.respond(from, kafka::CreateAclsResponse::default().with_results(results));
    }

    pub(super) fn handle_delete_acls(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        body: &kafka::DeleteAclsRequest,
    ) {
        // An entry that several filters mean is taken away once, and told of with each.
        let mut deleted: BTreeMap<u128, Acl> = BTreeMap::new();
        let mut results = Vec::new();
        for asked in &body.filters {
            results.push(match AclFilter::of_deletion(asked) {
                Err(message) => not_deleted(invalid(), Some(&message)),
                Ok(filter) => {
                    let meant: Vec<(u128, &Acl)> = self
                        .image
                        .acls
                        .iter()
                        .filter(|(_, acl)| filter.matches(acl))
                        .map(|(id, acl)| (*id, acl))
                        .collect();
                    let matching = meant.iter().map(|(_, acl)| acl.deleted()).collect();
                    deleted.extend(meant.into_iter().map(|(id, acl)| (id, acl.clone())));
                    DeleteAclsFilterResult::default()
                        .with_error_message(None)
                        .with_matching_acls(matching)
                }
            });
        }
        let mut records: Vec<MetadataRecord> = Vec::new();
        for (id, acl) in deleted {
            ctx.emit(event(AclEvent::Deleted { acl }));
            records.push(RemoveAccessControlEntryRecord { id }.into());
        }
        self.write(ctx, &records);
        ctx.respond(from, kafka::DeleteAclsResponse::default().with_filter_results(results));
    }
}

/// A new entry's id: a random UUID.
fn new_id(ctx: &mut Ctx<'_>) -> u128 {
    let random = ctx.random("acl ids");
    let bits = u128::from(random.next_u64()) << 64 | u128::from(random.next_u64());
    uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid().as_u128()
}

fn event(event: AclEvent) -> EventKind {
    EventKind::Acl(Arc::new(event))
}

fn invalid() -> i16 {
    ResponseError::InvalidRequest.code()
}

fn not_created(code: i16, message: Option<&str>) -> AclCreationResult {
    let message = message.map(|message| StrBytes::from_string(message.to_owned()));
    AclCreationResult::default().with_error_code(code).with_error_message(message)
}

fn not_deleted(code: i16, message: Option<&str>) -> DeleteAclsFilterResult {
    let message = message.map(|message| StrBytes::from_string(message.to_owned()));
    DeleteAclsFilterResult::default().with_error_code(code).with_error_message(message)
}

/// The answer to a request for new entries of which none comes to be.
pub(crate) fn create_refused(
    body: &kafka::CreateAclsRequest,
    code: i16,
    message: Option<&str>,
) -> kafka::CreateAclsResponse {
    let results = body.creations.iter().map(|_| not_created(code, message)).collect();
    kafka::CreateAclsResponse::default().with_results(results)
}

/// The answer to a request to take entries away of which none goes.
pub(crate) fn delete_refused(
    body: &kafka::DeleteAclsRequest,
    code: i16,
    message: Option<&str>,
) -> kafka::DeleteAclsResponse {
    let results = body.filters.iter().map(|_| not_deleted(code, message)).collect();
    kafka::DeleteAclsResponse::default().with_filter_results(results)
}
