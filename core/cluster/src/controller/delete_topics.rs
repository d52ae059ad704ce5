//! Topics are deleted, by name or by id: `ControllerApis.deleteTopics`.

use std::collections::{BTreeMap, BTreeSet};

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::ApiKey;
use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
use kafka_protocol::messages::delete_topics_response::DeletableTopicResult;
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use super::Controller;
use super::new_topic::ApiError;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{TopicId, TopicName};
use crate::input::ReplyTo;
use crate::metadata::MetadataRecord;
use crate::metadata::record::RemoveTopicRecord;

type Refusal = (ResponseError, &'static str);

const SUPPLIED_TWICE: Refusal = (
    ResponseError::InvalidRequest,
    "The provided topic name maps to an ID that was already supplied.",
);

impl Controller {
    pub(super) fn handle_delete_topics(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        body: &kafka::DeleteTopicsRequest,
    ) {
        let mut times_named: BTreeMap<(Option<&str>, Uuid), u32> = BTreeMap::new();
        for asked in &body.topics {
            *times_named.entry(key(asked)).or_default() += 1;
        }
        let mut permits = self.permits(ctx, from, ApiKey::DeleteTopics);
        let mut removed = BTreeSet::new();
        let mut results = Vec::new();
        for asked in &body.topics {
            // Those named twice are answered once.
            let Some(times) = times_named.remove(&key(asked)) else { continue };
            let found = if times > 1 { Err(duplicate(asked)) } else { self.find_topic(asked) };
            let found = found.and_then(|(name, id)| match removed.contains(&id) {
                false => Ok((name, id)),
                true => Err(SUPPLIED_TWICE),
            });
            results.push(match found {
                Ok((name, id)) => {
                    let result = result(Some(name.to_string()), Uuid::from_u128(id.0));
                    match permits.take(self.image.topics[&name].partitions.len()) {
                        Ok(()) => {
                            removed.insert(id);
                            ctx.emit(EventKind::TopicDeleted { topic: name });
                            result
                        }
                        Err(ApiError { error, message }) => result
                            .with_error_code(error.code())
                            .with_error_message(Some(StrBytes::from_string(message))),
                    }
                }
                Err((error, message)) => {
                    let name = asked.name.as_ref().map(|name| name.to_string());
                    result(name, asked.topic_id)
                        .with_error_code(error.code())
                        .with_error_message(Some(StrBytes::from_static_str(message)))
                }
            });
        }
        let records: Vec<MetadataRecord> =
            removed.into_iter().map(|topic_id| RemoveTopicRecord { topic_id }.into()).collect();
        self.write(ctx, &records);
        let wait_ms = self.settle_permits(ctx, permits);
        let response = kafka::DeleteTopicsResponse::default().with_responses(results);
        ctx.respond(from, response.with_throttle_time_ms(wait_ms));
    }

    fn find_topic(&self, asked: &DeleteTopicState) -> Result<(TopicName, TopicId), Refusal> {
        match (&asked.name, asked.topic_id.is_nil()) {
            (None, true) => {
                Err((ResponseError::InvalidRequest, "Neither topic name nor id were specified."))
            }
            (Some(_), false) => Err((
                ResponseError::InvalidRequest,
                "You may not specify both topic name and topic id.",
            )),
            (Some(name), true) => {
                let name = TopicName::from(name.as_str());
                let topic = self.image.topics.get(&name).ok_or((
                    ResponseError::UnknownTopicOrPartition,
                    "This server does not host this topic-partition.",
                ))?;
                Ok((name, topic.id))
            }
            (None, false) => {
                let id = TopicId(asked.topic_id.as_u128());
                let (name, _) = self.image.topic_by_id(id).ok_or((
                    ResponseError::UnknownTopicId,
                    "This server does not host this topic ID.",
                ))?;
                Ok((name.clone(), id))
            }
        }
    }
}

fn key(asked: &DeleteTopicState) -> (Option<&str>, Uuid) {
    (asked.name.as_ref().map(|name| name.as_str()), asked.topic_id)
}

fn result(name: Option<String>, id: Uuid) -> DeletableTopicResult {
    DeletableTopicResult::default()
        .with_name(name.map(|name| StrBytes::from_string(name).into()))
        .with_topic_id(id)
        .with_error_message(None)
}

fn duplicate(asked: &DeleteTopicState) -> Refusal {
    let message =
        if asked.name.is_some() { "Duplicate topic name." } else { "Duplicate topic id." };
    (ResponseError::InvalidRequest, message)
}
