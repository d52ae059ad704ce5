//! Bytes of a connection become requests.

use std::fmt;
use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::{ApiKey, RequestHeader};
use kafka_protocol::protocol::Decodable;

use super::guard::Guarded;
use super::newest;
use super::versions::is_served;
use crate::message::Request;

/// The largest frame that is taken, in bytes: the default of Kafka's `socket.request.max.bytes`.
pub const MOST_FRAME_BYTES: usize = 104_857_600;

/// A request of a client from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientRequest {
    /// The version that the client speaks.
    pub version: i16,
    /// The number by which the client finds the response.
    pub correlation_id: i32,
    /// The client's `client.id`.
    pub client_id: Option<Arc<str>>,
    pub(crate) asked: Asked,
}

/// What a client asks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Asked {
    /// Which APIs there are. `is_supported` is false if it asks in a version that there is not. Clients tell what they are
    /// written with (KIP-511).
    ApiVersions { is_supported: bool, software: Option<Arc<str>> },
    /// By which mechanism the client is to say who it is.
    SaslHandshake(Arc<str>),
    /// Who it is.
    SaslAuthenticate(Bytes),
    /// A request, in its newest form.
    Request(Request),
    /// A fetch whose topics are named, where the newest form has ids.
    FetchByName(Arc<kafka::FetchRequest>),
    /// A first heartbeat in a consumer group, from before clients made their member ids (KIP-1082).
    JoinWithoutMemberId(Arc<kafka::ConsumerGroupHeartbeatRequest>),
}

/// Why a connection is closed on its client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// The length of the frame is none, or too large.
    Length(i32),
    /// The header makes no sense.
    Header,
    /// There is no such API, or not for clients.
    UnknownApi(i16),
    /// There is no such version of the API.
    UnsupportedVersion(ApiKey, i16),
    /// The body makes no sense.
    Body(ApiKey, i16),
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(length) => {
                write!(f, "a frame of {length} bytes; at most {MOST_FRAME_BYTES} are taken")
            }
            Self::Header => f.write_str("a request whose header makes no sense"),
            Self::UnknownApi(key) => write!(f, "a request with API key {key}, which is not served"),
            Self::UnsupportedVersion(api, version) => {
                write!(f, "{api:?} version {version}, which is not served")
            }
            Self::Body(api, version) => {
                write!(f, "a {api:?} request, version {version}, that makes no sense")
            }
        }
    }
}

/// The bytes of a connection that do not make a whole frame yet.
#[derive(Clone, Debug, Default)]
pub struct Frames {
    bytes: BytesMut,
}

impl Frames {
    /// Takes in what came.
    pub fn extend(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole frame, without its length; none if more bytes must come first.
    ///
    /// # Errors
    /// The length is none, or too large: the connection is of no use any more.
    pub fn next_frame(&mut self) -> Result<Option<Bytes>, FrameError> {
        let Some(length) = self.bytes.first_chunk::<4>() else { return Ok(None) };
        let length = i32::from_be_bytes(*length);
        let size = usize::try_from(length).map_err(|_| FrameError::Length(length))?;
        if size > MOST_FRAME_BYTES {
            return Err(FrameError::Length(length));
        }
        if self.bytes.len() < size + 4 {
            return Ok(None);
        }
        self.bytes.advance(4);
        Ok(Some(self.bytes.split_to(size).freeze()))
    }
}

impl ClientRequest {
    /// Reads a frame.
    ///
    /// # Errors
    /// The frame is no request that is served; a real broker closes the connection then, too.
    pub fn decode(mut frame: Bytes) -> Result<Self, FrameError> {
        let (key, version) = match frame.first_chunk::<4>() {
            Some([a, b, c, d]) => (i16::from_be_bytes([*a, *b]), i16::from_be_bytes([*c, *d])),
            None => return Err(FrameError::Header),
        };
        let api = ApiKey::try_from(key).map_err(|()| FrameError::UnknownApi(key))?;
        let is_supported = is_served(api, version);
        if api != ApiKey::ApiVersions && !is_supported {
            return Err(match super::SERVED.iter().any(|(served, ..)| *served == api) {
                true => FrameError::UnsupportedVersion(api, version),
                false => FrameError::UnknownApi(key),
            });
        }
        // Whoever asks for the versions in a version of the future is answered all the same, and only
        // the beginning of its header is sure.
        let header_version = if is_supported { api.request_header_version(version) } else { 1 };
        let header = decode_guarded::<RequestHeader>(&mut frame, header_version)
            .ok_or(FrameError::Header)?;
        let asked = match api {
            ApiKey::ApiVersions => Asked::ApiVersions {
                is_supported,
                software: is_supported.then(|| software(&mut frame, version)).flatten(),
            },
            ApiKey::SaslHandshake | ApiKey::SaslAuthenticate => {
                sasl(api, &mut frame, version).ok_or(FrameError::Body(api, version))?
            }
            api => newest::decode(api, version, frame).ok_or(FrameError::Body(api, version))?,
        };
        Ok(Self {
            version,
            correlation_id: header.correlation_id,
            client_id: header.client_id.map(|id| Arc::from(&*id)),
            asked,
        })
    }
}

/// The name and the version of the library that a client says it is written with.
fn software(frame: &mut Bytes, version: i16) -> Option<Arc<str>> {
    /// More than any library has for a name; it is what a stranger says.
    const MOST_LETTERS: usize = 60;
    let asked = decode_guarded::<kafka::ApiVersionsRequest>(frame, version)?;
    let said = format!("{} {}", &*asked.client_software_name, &*asked.client_software_version);
    let told: String = said.trim().chars().take(MOST_LETTERS).collect();
    (!told.is_empty()).then(|| told.into())
}

/// A client says who it is.
fn sasl(api: ApiKey, frame: &mut Bytes, version: i16) -> Option<Asked> {
    if api == ApiKey::SaslHandshake {
        let request: kafka::SaslHandshakeRequest = decode_guarded(frame, version)?;
        return Some(Asked::SaslHandshake((&*request.mechanism).into()));
    }
    let request: kafka::SaslAuthenticateRequest = decode_guarded(frame, version)?;
    Some(Asked::SaslAuthenticate(request.auth_bytes))
}

/// Decodes a message whose counts have been looked at.
pub(super) fn decode_guarded<T: Decodable>(bytes: &mut Bytes, version: i16) -> Option<T> {
    T::decode(&mut Guarded::new(bytes.clone()), version).ok()?;
    T::decode(bytes, version).ok()
}
