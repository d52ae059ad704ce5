//! What a stranger may send: requests that make no sense, and bytes that are none.

use bytes::{BufMut, Bytes, BytesMut};
use highwater_cluster::ids::EntryId;
use highwater_cluster::input::Input;
use highwater_cluster::time::Time;
use highwater_cluster::wire::{ClientRequest, Frames};
use proptest::prelude::*;

use super::{Connection, admin, go_on_as_member, join, join_request, shares, transactions};

#[test]
fn a_count_that_the_message_cannot_hold_reserves_no_memory() {
    // Metadata, version 1 and version 9, with two thousand million topics.
    for frame in [
        &[0, 3, 0, 1, 0, 0, 0, 1, 255, 255, 127, 255, 255, 255][..],
        &[0, 3, 0, 9, 0, 0, 0, 1, 255, 255, 0, 255, 255, 255, 255, 7][..],
    ] {
        assert!(ClientRequest::decode(Bytes::from_static(frame)).is_err(), "{frame:?}");
    }
}

/// Requests of a client's ordinary life, and of an administrator's.
fn an_ordinary_life() -> Vec<Bytes> {
    let mut connection = Connection::open();
    shares::ask_all(&mut connection);
    let joined = join(&mut connection, &join_request(), 3);
    go_on_as_member(&mut connection, &joined);
    admin::ask_all(&mut connection);
    transactions::ask_all(&mut connection);
    connection.sent
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// A client may send anything: what a broker refuses is an error code or a closed connection.
    #[test]
    fn no_request_makes_a_broker_panic(
        changes in proptest::collection::vec((any::<usize>(), any::<usize>(), any::<u8>()), 1..12),
    ) {
        thread_local! {
            static LIFE: Vec<Bytes> = an_ordinary_life();
        }
        let mut connection = Connection::open();
        for (which, place, byte) in changes {
            let mut frame = LIFE.with(|life| BytesMut::from(&*life[which % life.len()]));
            // The API and its version stay: the rest is what the decoders must bear.
            let place = 8 + place % (frame.len() - 8);
            frame[place] = byte;
            connection.world.input(EntryId(0), connection.client, Input::Bytes(frame.freeze()));
            connection.world.run_until(Time(connection.world.now().0 + 300_000));
        }
        connection.world.run_until(Time(connection.world.now().0 + 20_000_000));
    }

    #[test]
    fn no_bytes_make_a_connection_panic(
        api in 0_i16..93,
        version in 0_i16..18,
        rest in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut frame = BytesMut::new();
        frame.put_i16(api);
        frame.put_i16(version);
        frame.extend_from_slice(&rest);
        let _ = ClientRequest::decode(frame.freeze());
        let mut frames = Frames::default();
        frames.extend(&rest);
        while let Ok(Some(_)) = frames.next_frame() {}
    }
}
