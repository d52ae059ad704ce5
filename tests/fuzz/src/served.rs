//! Hostile bytes over TCP: the streams of the target `wire` go to a running `highwater serve`, each over a
//! connection of its own, while another connection goes on asking and is answered.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::rng::Rng;
use crate::targets::Target;
use crate::targets::wire::Wire;

/// How long the server may take to answer the connection that asks nothing strange.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the end of a hostile connection is awaited: a request may rightly wait for longer.
const GLANCE: Duration = Duration::from_millis(2);
/// After how many streams the other connection asks.
const ASKED_EVERY: u64 = 8;
/// So many streams before a failure may have led to it.
const SUSPECTS: u64 = 64;

/// ApiVersions, version 0, with correlation id 7 and no client id.
const QUESTION: [u8; 14] = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 255, 255];

/// What to run.
#[derive(Clone, Debug)]
pub struct Served {
    /// The program `highwater`.
    pub program: PathBuf,
    /// What the streams follow from, and the first of them.
    pub seed: u64,
    pub from: u64,
    pub inputs: Option<u64>,
    pub seconds: Option<Duration>,
}

/// Sends streams; prints the figures at the end.
pub fn run(served: &Served) -> Result<(), String> {
    let target = Wire::new();
    let mut server = Server::start(&served.program)?;
    let mut other = server.connect()?;
    let begin = Instant::now();
    let (mut number, mut slowest) = (served.from, Duration::ZERO);
    let end = served.inputs.map(|inputs| served.from.saturating_add(inputs));
    let is_over = |begin: Instant| served.seconds.is_some_and(|most| begin.elapsed() >= most);
    while end.is_none_or(|end| number < end) && !is_over(begin) {
        let input = target.generate(&mut Rng::of(served.seed, number));
        let told = send(&server, &input).and_then(|()| match number % ASKED_EVERY {
            0 => ask(&mut other),
            _ => Ok(Duration::ZERO),
        });
        let took = told.map_err(|why| format!("{why}\n{}", again(served, number)))?;
        slowest = slowest.max(took);
        number += 1;
    }
    // A connection that comes last is served like the first.
    ask(&mut server.connect()?).map_err(|why| format!("{why}\n{}", again(served, number)))?;
    let (count, seconds) = (number - served.from, begin.elapsed().as_secs_f64());
    println!(
        "served: {count} streams over TCP in {seconds:.0} s, {:.0} a second; another connection waited for \
         at most {} ms; the server held at most {}",
        count as f64 / seconds,
        slowest.as_millis(),
        server.peak(),
    );
    Ok(())
}

fn again(served: &Served, number: u64) -> String {
    let from = number.saturating_sub(SUSPECTS);
    format!(
        "served failed, input {number} of seed {}; run the last ones again: highwater-fuzz served --program {} \
         --seed {} --from {from} --inputs {}",
        served.seed,
        served.program.display(),
        served.seed,
        number - from + 1,
    )
}

/// Sends one stream over a connection of its own.
fn send(server: &Server, input: &[u8]) -> Result<(), String> {
    let mut socket = server.connect()?;
    // The server may have closed the connection before all is sent.
    let _ = socket.write_all(input.get(1..).unwrap_or_default());
    let _ = socket.set_read_timeout(Some(GLANCE));
    let _ = socket.read(&mut [0; 4096]);
    let _ = socket.shutdown(Shutdown::Both);
    Ok(())
}

/// Asks for the versions of the APIs; how long the answer took.
fn ask(socket: &mut TcpStream) -> Result<Duration, String> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            "another connection is not answered".to_owned()
        }
        _ => format!("another connection is lost: {error}"),
    };
    let begin = Instant::now();
    socket.write_all(&QUESTION).map_err(failed)?;
    let mut answer = [0; 8];
    socket.read_exact(&mut answer).map_err(failed)?;
    if answer[4..] != [0, 0, 0, 7] {
        return Err(format!("another connection got what it did not ask for: {answer:?}"));
    }
    let length = u32::from_be_bytes([answer[0], answer[1], answer[2], answer[3]]);
    socket.read_exact(&mut vec![0; length as usize - 4]).map_err(failed)?;
    Ok(begin.elapsed())
}

/// `highwater serve` with one broker.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(program: &PathBuf) -> Result<Self, String> {
        let failed = |error| format!("{} does not start: {error}", program.display());
        let mut command = Command::new(program);
        command.args(["serve", "--brokers", "1", "--port", "0"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(failed)?;
        let mut log = BufReader::new(child.stdout.take().ok_or("it has no standard output")?);
        let mut address = String::new();
        log.read_line(&mut address).map_err(failed)?;
        let address = address.trim().replace("bootstrap.servers=", "");
        // What it prints is read, so that it can go on printing.
        thread::spawn(move || log.lines().map_while(Result::ok).for_each(drop));
        let server = Self { child, address };
        // A broker takes connections once it knows what the controller has decided.
        let end = Instant::now() + PATIENCE;
        while let Err(why) = server.connect().and_then(|mut socket| ask(&mut socket)) {
            if Instant::now() > end {
                return Err(why);
            }
        }
        Ok(server)
    }

    fn connect(&self) -> Result<TcpStream, String> {
        let socket = TcpStream::connect(&self.address)
            .map_err(|error| format!("highwater serve takes no connection: {error}"))?;
        socket.set_read_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
        Ok(socket)
    }

    /// The most that it held, where the system tells.
    fn peak(&mut self) -> String {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.map_or("an unknown amount".to_owned(), |line| line.trim().to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
