//! A request taken apart: what of it is allowed, and what is refused.

use std::sync::Arc;

use kafka_protocol::error::ResponseError;

use super::Verdict;
use crate::message::Request;

/// The verdict on a request about several things, each of which is allowed (none) or refused with an error. `things` are the
/// things of such a request.
pub(super) fn in_parts<B: Clone, T>(
    body: &Arc<B>,
    errors: &[Option<ResponseError>],
    things: impl Fn(&mut B) -> &mut Vec<T>,
) -> Verdict
where
    Request: From<B>,
{
    if errors.iter().all(Option::is_none) {
        return Verdict::Allowed;
    }
    let part = |wanted: Option<ResponseError>| {
        let mut part = (**body).clone();
        keep(things(&mut part), errors, wanted);
        Request::from(part)
    };
    let is_any_allowed = errors.iter().any(Option::is_none);
    let mut kinds: Vec<ResponseError> = Vec::new();
    for error in errors.iter().flatten() {
        if !kinds.contains(error) {
            kinds.push(*error);
        }
    }
    let refused = kinds.into_iter().map(|error| (part(Some(error)), error)).collect();
    Verdict::InParts { allowed: is_any_allowed.then(|| part(None)), refused }
}

/// Keeps the things whose errors are as wanted.
fn keep<T>(things: &mut Vec<T>, errors: &[Option<ResponseError>], wanted: Option<ResponseError>) {
    let mut errors = errors.iter();
    things.retain(|_| errors.next() == Some(&wanted));
}
