//! Responses become bytes.

use std::fmt;
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use highwater_log::TransactionVersion;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::api_versions_response::{
    ApiVersion, FinalizedFeatureKey, SupportedFeatureKey,
};
use kafka_protocol::messages::{ApiKey, ResponseHeader};
use kafka_protocol::protocol::{Encodable, StrBytes};

use super::oldest::for_version;
use super::versions::{SERVED, oldest_told};
use crate::ids::BrokerId;
use crate::message::Response;

/// The first version of ApiVersions whose answer tells of features.
const FIRST_WITH_FEATURES: i16 = 3;
/// The highest level of the feature `transaction.version` that there is.
const MOST_TRANSACTION_VERSION: i16 = 2;

/// What a client from outside is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// The answer to a request.
    Response {
        /// The version that the client speaks.
        version: i16,
        /// The number by which the client finds its request.
        correlation_id: i32,
        /// The answer, in its newest form.
        response: Response,
    },
    /// Which APIs there are. `is_supported` is false if the client asked in a version that there is not.
    ApiVersions {
        /// The version that the client speaks.
        version: i16,
        /// The number by which the client finds its request.
        correlation_id: i32,
        /// Whether that version is known.
        is_supported: bool,
        /// The level of the feature `transaction.version`.
        transaction_version: TransactionVersion,
    },
    /// The answer to a request by which a client says who it is.
    Sasl {
        /// Which one.
        api: ApiKey,
        /// The version that the client speaks.
        version: i16,
        /// The number by which the client finds its request.
        correlation_id: i32,
        /// The answer, as that version has it.
        body: Bytes,
    },
    /// The connection is closed.
    Close,
}

/// Where clients from outside reach a broker: its `advertised.listeners`.
pub type Address<'a> = &'a dyn Fn(BrokerId) -> Option<(Arc<str>, u16)>;

/// A response cannot be said in the client's version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodeError {
    /// Which API.
    pub api: ApiKey,
    /// Which version.
    pub version: i16,
    /// What stands in the way.
    pub reason: String,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} version {} cannot say it: {}", self.api, self.version, self.reason)
    }
}

/// The frame of a reply, with its length; none if the connection is to be closed.
///
/// # Errors
/// The reply cannot be said in the client's version.
pub fn encode_reply(reply: &Reply, address: Address<'_>) -> Result<Option<Bytes>, EncodeError> {
    match reply {
        Reply::Close => Ok(None),
        Reply::ApiVersions { version, correlation_id, is_supported, transaction_version } => {
            let version = if *is_supported { *version } else { 0 };
            let mut body = api_versions(*is_supported);
            if version >= FIRST_WITH_FEATURES {
                tell_features(&mut body, *transaction_version);
            }
            frame(ApiKey::ApiVersions, version, *correlation_id, &|buffer| {
                body.encode(buffer, version).map_err(|error| error.to_string())
            })
            .map(Some)
        }
        Reply::Sasl { api, version, correlation_id, body } => {
            let put = |buffer: &mut BytesMut| {
                buffer.extend_from_slice(body);
                Ok(())
            };
            frame(*api, *version, *correlation_id, &put).map(Some)
        }
        Reply::Response { version, correlation_id, response } => {
            let response = for_version(with_addresses(response.clone(), address), *version);
            frame(response.api_key(), *version, *correlation_id, &|buffer| {
                response.encode_version(buffer, *version)
            })
            .map(Some)
        }
    }
}

fn frame(
    api: ApiKey,
    version: i16,
    correlation_id: i32,
    body: &dyn Fn(&mut BytesMut) -> Result<(), String>,
) -> Result<Bytes, EncodeError> {
    let failed = |reason| EncodeError { api, version, reason };
    let mut buffer = BytesMut::new();
    buffer.put_u32(0);
    ResponseHeader::default()
        .with_correlation_id(correlation_id)
        .encode(&mut buffer, api.response_header_version(version))
        .map_err(|error| failed(error.to_string()))?;
    body(&mut buffer).map_err(failed)?;
    let length = u32::try_from(buffer.len() - 4).map_err(|error| failed(error.to_string()))?;
    buffer[..4].copy_from_slice(&length.to_be_bytes());
    Ok(buffer.freeze())
}

fn api_versions(is_supported: bool) -> kafka::ApiVersionsResponse {
    let served = SERVED.iter().filter(|(api, ..)| is_supported || *api == ApiKey::ApiVersions);
    let keys = served.map(|(api, oldest, newest)| {
        ApiVersion::default()
            .with_api_key(*api as i16)
            .with_min_version(oldest_told(*api, *oldest))
            .with_max_version(*newest)
    });
    let error = if is_supported { 0 } else { ResponseError::UnsupportedVersion.code() };
    kafka::ApiVersionsResponse::default().with_error_code(error).with_api_keys(keys.collect())
}

/// Inside the simulation, brokers have names that mean nothing outside of it.
fn with_addresses(response: Response, address: Address<'_>) -> Response {
    let text = |host: Arc<str>| StrBytes::from_string(host.to_string());
    match response {
        Response::Metadata(mut body) => {
            for broker in &mut Arc::make_mut(&mut body).brokers {
                if let Some((host, port)) = address(BrokerId(broker.node_id.0)) {
                    (broker.host, broker.port) = (text(host), port.into());
                }
            }
            Response::Metadata(body)
        }
        Response::DescribeCluster(mut body) => {
            for broker in &mut Arc::make_mut(&mut body).brokers {
                if let Some((host, port)) = address(BrokerId(broker.broker_id.0)) {
                    (broker.host, broker.port) = (text(host), port.into());
                }
            }
            Response::DescribeCluster(body)
        }
        Response::FindCoordinator(mut body) => {
            for coordinator in &mut Arc::make_mut(&mut body).coordinators {
                if let Some((host, port)) = address(BrokerId(coordinator.node_id.0)) {
                    (coordinator.host, coordinator.port) = (text(host), port.into());
                }
            }
            Response::FindCoordinator(body)
        }
        other => other,
    }
}

/// Which versions of a feature there are, and which is in force (KIP-584).
fn tell_features(body: &mut kafka::ApiVersionsResponse, transaction_version: TransactionVersion) {
    let name = StrBytes::from_static_str("transaction.version");
    let level = transaction_version.0;
    body.supported_features = vec![
        SupportedFeatureKey::default()
            .with_name(name.clone())
            .with_min_version(0)
            .with_max_version(MOST_TRANSACTION_VERSION),
    ];
    body.finalized_features_epoch = 0;
    body.finalized_features = vec![
        FinalizedFeatureKey::default()
            .with_name(name)
            .with_min_version_level(level)
            .with_max_version_level(level),
    ];
}
