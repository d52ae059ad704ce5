//! `highwater serve` as a process, for tests that talk to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// How long an answer, or the end of a connection, is awaited.
const PATIENCE: Duration = Duration::from_secs(60);

/// `highwater serve` with one broker on a free port.
pub struct Served {
    child: Child,
    log: BufReader<ChildStdout>,
    pub address: String,
}

impl Served {
    /// Starts it, with more options.
    pub fn start(options: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_highwater"))
            .args(["serve", "--brokers", "1", "--port", "0"])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let log = BufReader::new(child.stdout.take().expect("it has an output"));
        let mut served = Self { child, log, address: String::new() };
        let line = served.line_with("bootstrap.servers=");
        served.address = line.trim().replace("bootstrap.servers=", "");
        served
    }

    /// Returns when the broker takes connections: it does so a moment after the controller lets it take part.
    pub fn is_up(&mut self, asked: &[u8]) {
        self.line_with("The controller unfenced broker 1");
        let end = Instant::now() + PATIENCE;
        let mut answer = [0; 8];
        loop {
            let mut socket = connect(&self.address);
            if socket.write_all(asked).is_ok() && socket.read_exact(&mut answer).is_ok() {
                return;
            }
            assert!(Instant::now() < end, "the broker takes no connection");
        }
    }

    /// Types a line into it.
    pub fn type_line(&mut self, line: &str) {
        let input = self.child.stdin.as_mut().expect("it has an input");
        writeln!(input, "{line}").expect("it is typed");
    }

    /// The next line of the log that holds the words.
    pub fn line_with(&mut self, words: &str) -> String {
        loop {
            let mut line = String::new();
            let size = self.log.read_line(&mut line).expect("the log is read");
            assert_ne!(size, 0, "the log ended before `{words}`");
            if line.contains(words) {
                return line;
            }
        }
    }
}

/// A connection over which an answer is not awaited for ever.
pub fn connect(address: &str) -> TcpStream {
    let socket = TcpStream::connect(address).expect("it listens");
    socket.set_read_timeout(Some(PATIENCE)).expect("a limit");
    socket
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
