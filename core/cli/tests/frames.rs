//! What is no request closes its own connection, with a line of the log that says why, and harms no other.

use std::io::{Read, Write};
use std::net::TcpStream;

mod served;

use served::{Served, connect};

/// ApiVersions, version 0, with correlation id 7 and no client id.
const API_VERSIONS: [u8; 14] = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 255, 255];

/// Asks for the versions of the APIs, and checks that they come.
fn is_answered(socket: &mut TcpStream) {
    socket.write_all(&API_VERSIONS).expect("it is sent");
    let mut answer = [0; 8];
    socket.read_exact(&mut answer).expect("it is answered");
    assert_eq!(answer[4..], [0, 0, 0, 7], "the correlation id");
    let length = u32::from_be_bytes([answer[0], answer[1], answer[2], answer[3]]);
    let mut rest = vec![0; length as usize - 4];
    socket.read_exact(&mut rest).expect("the whole answer");
}

/// Sends bytes over a connection of their own: it is closed, the log says why, and the connection that
/// was there before goes on.
fn check(served: &mut Served, other: &mut TcpStream, bytes: &[u8], reason: &str) {
    let mut socket = connect(&served.address);
    socket.write_all(bytes).expect("it is sent");
    let mut answer = Vec::new();
    // A reset is an end as well: there were bytes that nobody read.
    let _ = socket.read_to_end(&mut answer);
    assert!(answer.is_empty(), "{reason}: {answer:?}");
    let line = served.line_with("was closed:");
    assert!(line.contains(reason), "{line}");
    is_answered(other);
}

#[test]
fn frames_that_are_none_close_their_connection_only() {
    let mut served = Served::start(&[]);
    served.is_up(&API_VERSIONS);
    let mut other = connect(&served.address);
    is_answered(&mut other);
    let too_long = 104_857_601_i32.to_be_bytes();
    let most = "a frame of 104857601 bytes; at most 104857600 are taken";
    check(&mut served, &mut other, &too_long, most);
    check(&mut served, &mut other, &(-1_i32).to_be_bytes(), "a frame of -1 bytes");
    check(&mut served, &mut other, b"GET / HTTP/1.1\r\n\r\n", "a frame of 1195725856 bytes");
    check(&mut served, &mut other, &[0, 0, 0, 2, 0, 3], "whose header makes no sense");
    check(&mut served, &mut other, &[0, 0, 0, 6, 3, 231, 0, 0, 0, 0], "API key 999");
    // Fetch, version 0.
    let old = [0, 0, 0, 10, 0, 1, 0, 0, 0, 0, 0, 1, 255, 255];
    check(&mut served, &mut other, &old, "Fetch version 0, which is not served");
    // Metadata, version 1, that says it has more topics than bytes.
    let body = [0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 1, 255, 255, 127, 255, 255, 255];
    check(&mut served, &mut other, &body, "a Metadata request, version 1, that makes no sense");
}

#[test]
fn a_frame_that_is_cut_short_waits_for_its_rest() {
    let mut served = Served::start(&[]);
    served.is_up(&API_VERSIONS);
    let mut other = connect(&served.address);
    // The rest never comes: the client goes away.
    let mut truncated = connect(&served.address);
    truncated.write_all(&API_VERSIONS[..9]).expect("it is sent");
    is_answered(&mut other);
    drop(truncated);
    served.line_with("closed its connection");
    is_answered(&mut other);
    // It comes later.
    let mut slow = connect(&served.address);
    slow.write_all(&API_VERSIONS[..9]).expect("it is sent");
    is_answered(&mut other);
    slow.write_all(&API_VERSIONS[9..]).expect("it is sent");
    let mut answer = [0; 8];
    slow.read_exact(&mut answer).expect("it is answered");
    assert_eq!(answer[4..], [0, 0, 0, 7]);
}

/// A broker that starts knows no topic until a controller tells it: a client that it answered would take
/// its topics for gone.
#[test]
fn a_broker_that_is_not_up_yet_takes_no_connection() {
    let mut served = Served::start(&[]);
    served.is_up(&API_VERSIONS);
    served.type_line("controller kill 101");
    served.type_line("broker kill 1");
    served.type_line("broker start 1");
    served.line_with("Broker 1 started");
    let mut early = connect(&served.address);
    let _ = early.write_all(&API_VERSIONS);
    let mut answer = Vec::new();
    // A reset is an end as well: there were bytes that nobody read.
    let _ = early.read_to_end(&mut answer);
    assert!(answer.is_empty(), "{answer:?}");
    served.type_line("controller start 101");
    served.is_up(&API_VERSIONS);
    is_answered(&mut connect(&served.address));
}
