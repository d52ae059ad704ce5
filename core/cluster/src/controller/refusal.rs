//! What a controller that is not the active one answers: whoever asked is to find the active one.

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::create_topics_response::CreatableTopicResult;
use kafka_protocol::messages::delete_topics_response::DeletableTopicResult;

use super::Controller;
use crate::ctx::Ctx;
use crate::input::ReplyTo;
use crate::message::{Request, Response};

impl Controller {
    pub(super) fn refuse(&self, ctx: &mut Ctx<'_>, from: ReplyTo, request: &Request) {
        let code = ResponseError::NotController.code();
        let response: Response = match request {
            Request::BrokerRegistration(_) => {
                kafka::BrokerRegistrationResponse::default().with_error_code(code).into()
            }
            Request::BrokerHeartbeat(_) => {
                kafka::BrokerHeartbeatResponse::default().with_error_code(code).into()
            }
            Request::AlterPartition(_) => {
                kafka::AlterPartitionResponse::default().with_error_code(code).into()
            }
            Request::AllocateProducerIds(_) => {
                kafka::AllocateProducerIdsResponse::default().with_error_code(code).into()
            }
            Request::CreateTopics(body) => create_refused(body, code).into(),
            Request::DeleteTopics(body) => delete_refused(body, code).into(),
            Request::CreatePartitions(body) => super::create_partitions::refused(body, code).into(),
            Request::IncrementalAlterConfigs(body) => {
                super::alter_configs::refused(body, code).into()
            }
            Request::AlterClientQuotas(body) => {
                super::alter_client_quotas::refused(body, code).into()
            }
            Request::CreateAcls(body) => super::acls::create_refused(body, code, None).into(),
            Request::DeleteAcls(body) => super::acls::delete_refused(body, code, None).into(),
            Request::ElectLeaders(_) => {
                kafka::ElectLeadersResponse::default().with_error_code(code).into()
            }
            Request::AlterPartitionReassignments(_) => {
                kafka::AlterPartitionReassignmentsResponse::default().with_error_code(code).into()
            }
            Request::ListPartitionReassignments(_) => {
                kafka::ListPartitionReassignmentsResponse::default().with_error_code(code).into()
            }
            // As the active controller, it does not serve the rest.
            _ => return,
        };
        ctx.respond(from, response);
    }
}

pub(crate) fn create_refused(
    body: &kafka::CreateTopicsRequest,
    code: i16,
) -> kafka::CreateTopicsResponse {
    let refused = body.topics.iter().map(|topic| {
        CreatableTopicResult::default()
            .with_name(topic.name.clone())
            .with_error_code(code)
            .with_error_message(None)
    });
    kafka::CreateTopicsResponse::default().with_topics(refused.collect())
}

pub(crate) fn delete_refused(
    body: &kafka::DeleteTopicsRequest,
    code: i16,
) -> kafka::DeleteTopicsResponse {
    let refused = body.topics.iter().map(|topic| {
        DeletableTopicResult::default()
            .with_name(topic.name.clone())
            .with_topic_id(topic.topic_id)
            .with_error_code(code)
            .with_error_message(None)
    });
    kafka::DeleteTopicsResponse::default().with_responses(refused.collect())
}
