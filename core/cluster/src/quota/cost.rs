//! How long a request keeps a broker's threads busy, for the quota of that time (`request_percentage`, KIP-124).
//!
//! **This is a model.** Kafka measures how long its network and I/O threads had to do with a request; simulated
//! requests are handled in no time at all, so that what they would have cost is reckoned here, and nowhere else: a fixed part, a
//! part for what is written to a log or read from one, and a part for each byte. The figures are those of a small
//! machine of today, to the order of magnitude. Waiting, for acknowledgements or for records, costs nothing, as in Kafka.

use kafka_protocol::messages::ApiKey;

use crate::message::{Body, Request, Response};

/// Time of one thread, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ThreadTime(pub i64);

/// What every request costs: it is read, queued, decoded and answered.
const REQUEST: i64 = 100_000;
/// What is to be written to a log: batches are checked, given offsets and appended.
const APPEND: i64 = 100_000;
/// What is to be read from a log: places are found in indexes and segments.
const READ: i64 = 50_000;
/// A byte that comes in is checked and copied: 100 MB a second.
const BYTE_IN: i64 = 10;
/// A byte that goes out is handed to the network: 200 MB a second.
const BYTE_OUT: i64 = 5;

/// The time for which a request is read and handled.
pub fn handling(request: &Request) -> ThreadTime {
    let api = match request.api_key() {
        ApiKey::Produce | ApiKey::OffsetCommit | ApiKey::TxnOffsetCommit => APPEND,
        ApiKey::Fetch | ApiKey::ShareFetch | ApiKey::ListOffsets => READ,
        _ => 0,
    };
    let bytes = Body::Request(request.clone()).wire_size();
    ThreadTime(REQUEST + api + i64::from(bytes) * BYTE_IN)
}

/// The time for which an answer is sent.
pub fn sending(response: &Response) -> ThreadTime {
    ThreadTime(i64::from(Body::Response(response.clone()).wire_size()) * BYTE_OUT)
}

/// Whether nobody's time is used up by a request: one that is not answered (`acks=0`), and those that are for brokers.
pub(crate) fn is_exempt(request: &Request) -> bool {
    match request {
        Request::Produce(body) => body.acks == 0,
        other => is_for_brokers(other.api_key()),
    }
}

/// Whether an API is for brokers, whoever uses it: `sendResponseExemptThrottle`.
pub(crate) fn is_for_brokers(api: ApiKey) -> bool {
    api == ApiKey::WriteTxnMarkers
}

#[cfg(test)]
mod tests {
    use kafka_protocol::messages as kafka;

    use super::*;

    #[test]
    fn a_request_costs_what_its_kind_and_its_bytes_do() {
        let produce = Request::from(kafka::ProduceRequest::default());
        let heartbeat = Request::from(kafka::HeartbeatRequest::default());
        let fetch = Request::from(kafka::FetchRequest::default());
        let cost = |request: &Request| handling(request).0;
        assert!(cost(&produce) > cost(&fetch) && cost(&fetch) > cost(&heartbeat));
        let of_kinds = [(&produce, 200_000), (&fetch, 150_000), (&heartbeat, 100_000)];
        for (request, fixed) in of_kinds {
            let bytes = i64::from(Body::Request(request.clone()).wire_size());
            assert_eq!(cost(request), fixed + 10 * bytes, "{:?}", request.api_key());
        }
    }

    #[test]
    fn what_is_not_answered_or_is_for_brokers_is_exempt() {
        let produce = |acks| Request::from(kafka::ProduceRequest::default().with_acks(acks));
        assert!(is_exempt(&produce(0)) && !is_exempt(&produce(1)) && !is_exempt(&produce(-1)));
        assert!(is_exempt(&kafka::WriteTxnMarkersRequest::default().into()));
    }
}
