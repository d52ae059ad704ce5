//! Threads that listen: on the brokers' ports, on connections, on standard input. They hand what they
//! hear to the one thread that plays.

use std::io::{BufRead, Read};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc::{Sender, SyncSender};
use std::thread;

use highwater_scenario::cluster::ids::BrokerId;
use highwater_scenario::script::Name;

use super::ui::Verdict;
use super::watchers::Message;

/// The bytes that are read from a connection at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// What was heard.
pub(super) enum Heard {
    /// A client opened a connection to a broker.
    Connected { broker: BrokerId, socket: TcpStream, heeded: Heeded },
    /// A client sent something.
    Bytes { connection: Name, bytes: Vec<u8> },
    /// A client closed its connection.
    Closed { connection: Name },
    /// A page watches.
    Watches(SyncSender<Message>),
    /// Something was written in a page: an entry as a script has it, at whatever moment.
    Entry { text: String, verdict: Verdict },
    /// A person typed a line.
    Line(String),
    /// Standard input has come to its end.
    EndOfInput,
}

/// Where threads tell what they hear.
pub(super) type Heeded = Sender<Heard>;

/// Listens on a broker's port, or on a free one if it is 0. Returns the port.
pub(super) fn listen(broker: BrokerId, port: u16, tell: Heeded) -> Result<u16, String> {
    let failed = |error| {
        format!("broker {broker} cannot listen on port {port}: {error}; try another --port")
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let heeded = tell.clone();
            if tell.send(Heard::Connected { broker, socket, heeded }).is_err() {
                return;
            }
        }
    });
    Ok(port)
}

/// Hands on what comes over a connection, until it is closed.
pub(super) fn read_connection(connection: Name, mut socket: TcpStream, tell: Heeded) {
    thread::spawn(move || {
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            let heard = match socket.read(&mut chunk) {
                Ok(0) | Err(_) => Heard::Closed { connection: connection.clone() },
                Ok(size) => {
                    let bytes = chunk[..size].to_vec();
                    Heard::Bytes { connection: connection.clone(), bytes }
                }
            };
            let is_end = matches!(heard, Heard::Closed { .. });
            if tell.send(heard).is_err() || is_end {
                return;
            }
        }
    });
}

/// Hands on what is typed.
pub(super) fn read_standard_input(tell: Heeded) {
    thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if tell.send(Heard::Line(line)).is_err() {
                return;
            }
        }
        let _ = tell.send(Heard::EndOfInput);
    });
}
