//! `highwater serve`: the simulated cluster, open to real Kafka clients over TCP.
//!
//! Each broker listens on a port of its own on this machine. What clients send becomes entries of the
//! scenario, so that the run can be saved and played again. Virtual time follows real time.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use highwater_scenario::cluster::ids::BrokerId;
use highwater_scenario::cluster::time::Time;
use highwater_scenario::cluster::wire::encode_reply;
use highwater_scenario::narration::{Depth, LogKind};
use highwater_scenario::script::{Action, ClientEvent, Document, Name, StartTime};
use highwater_scenario::session::Session;

use crate::{opening, printed};
use listen::{Heard, Heeded};
use watchers::Watchers;

mod listen;
mod options;
mod ui;
mod watchers;

pub(crate) use options::Options;

/// How long real time may pass until virtual time follows.
const TICK: Duration = Duration::from_millis(2);
/// Steps of the engine between two looks at the sockets.
const STEPS: u32 = 20_000;
/// The terminal on which what is typed here runs.
const TERMINAL: &str = "t1";

/// Serves until standard input says `exit`, or the program is interrupted.
pub(crate) fn serve(options: Options) -> Result<(), String> {
    let session = open(&options)?;
    let brokers: Vec<BrokerId> =
        (1..=session.world().spec().brokers as i32).map(BrokerId).collect();
    let (tell, heard) = channel();
    let mut ports = BTreeMap::new();
    for (place, broker) in (0..).zip(brokers) {
        let port = if options.port == 0 { 0 } else { options.port + place };
        ports.insert(broker, listen::listen(broker, port, tell.clone())?);
    }
    let page = options.ui.map(|port| ui::open(port, &options.page, tell.clone())).transpose()?;
    listen::read_standard_input(tell);
    let servers = servers(&ports);
    println!("bootstrap.servers={servers}");
    if let Some(address) = page {
        println!("page={address}");
    }
    println!(
        "Type the playground's lines, such as: broker stop 2. Type exit, or press Ctrl-C, to end."
    );
    let mut server = Server {
        session,
        started: Instant::now(),
        ports,
        connections: BTreeMap::new(),
        next_connection: 1,
        told: 0,
        watchers: Watchers::new(servers),
    };
    server.session.take_replies();
    server.run(&heard)?;
    if let Some(file) = &options.save {
        std::fs::write(file, server.session.script())
            .map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
    }
    Ok(())
}

fn open(options: &Options) -> Result<Session, String> {
    let script = match &options.scenario {
        Some(file) => std::fs::read_to_string(file)
            .map_err(|error| format!("{} cannot be read: {error}", file.display()))?,
        None => fresh_cluster(options),
    };
    Session::parse(&script)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

/// A cluster whose clock shows what the clients' do: brokers refuse timestamps far from their own.
fn fresh_cluster(options: &Options) -> String {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let start = i64::try_from(since_epoch.as_millis()).ok().and_then(StartTime::from_epoch_millis);
    opening::fresh_cluster(options.brokers, options.seed, Some(start.unwrap_or_default()))
}

fn servers(ports: &BTreeMap<BrokerId, u16>) -> String {
    ports.values().map(|port| format!("127.0.0.1:{port}")).collect::<Vec<_>>().join(",")
}

struct Server {
    session: Session,
    started: Instant,
    ports: BTreeMap<BrokerId, u16>,
    connections: BTreeMap<Name, Connection>,
    next_connection: u32,
    /// Log lines that were printed.
    told: u64,
    watchers: Watchers,
}

struct Connection {
    broker: BrokerId,
    socket: TcpStream,
}

impl Server {
    fn run(&mut self, heard: &Receiver<Heard>) -> Result<(), String> {
        loop {
            let is_behind = self.follow_real_time();
            self.send_replies();
            self.close_connections_of_stopped_brokers();
            self.tell_story();
            self.watchers.tell(&self.session, is_behind);
            let wait = if is_behind { Duration::ZERO } else { TICK };
            match heard.recv_timeout(wait) {
                Ok(first) => {
                    for heard in std::iter::once(first).chain(heard.try_iter()) {
                        if !self.take_in(heard) {
                            return Ok(());
                        }
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    /// Whether more is due than could be done.
    fn follow_real_time(&mut self) -> bool {
        let now = Time(u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX));
        let advance = self.session.advance(now, STEPS);
        if let Some(halt) = advance.halted {
            println!("{} It goes on.", halt.sentence);
            self.session.resume();
        }
        advance.behind
    }

    /// False if the person wants to end.
    fn take_in(&mut self, heard: Heard) -> bool {
        match heard {
            Heard::Connected { broker, socket, heeded } => self.connect(broker, socket, &heeded),
            Heard::Bytes { connection, bytes } => {
                if self.connections.contains_key(&connection) {
                    self.client(connection, ClientEvent::Bytes(bytes.into()));
                }
            }
            Heard::Closed { connection } => {
                if self.connections.remove(&connection).is_some() {
                    self.client(connection, ClientEvent::Close);
                }
            }
            Heard::Watches(page) => self.watchers.welcome(page, &self.session),
            Heard::Entry { text, verdict } => {
                let _ = verdict.send(self.take_entry(&text));
            }
            Heard::Line(line) if matches!(line.trim(), "exit" | "quit") => return false,
            Heard::Line(line) if line.trim().is_empty() => {}
            Heard::Line(line) => {
                if let Err(error) = self.session.submit(TERMINAL, line.trim()) {
                    println!("{error}");
                }
            }
            // Without standard input, as in the background, the cluster stays up.
            Heard::EndOfInput => {}
        }
        true
    }

    /// Does now what was written in a page.
    fn take_entry(&mut self, text: &str) -> Result<(), String> {
        let read = Document::parse(&format!("highwater 1\n{text}"));
        if let Some(error) = read.errors().pop() {
            return Err(error.to_string());
        }
        for entry in read.entries() {
            if matches!(entry.action, Action::Client { .. }) {
                return Err("clients come over TCP, not from a page".to_owned());
            }
            self.session.write(entry.action.clone()).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn connect(&mut self, broker: BrokerId, socket: TcpStream, heeded: &Heeded) {
        // A broker that is down, or that is not up yet, has nobody to accept a connection.
        if !self.session.world().takes_connections(broker) {
            return;
        }
        let Some(name) = Name::new(&format!("c{}", self.next_connection)) else { return };
        self.next_connection += 1;
        let Ok(reader) = socket.try_clone() else { return };
        // An answer that the client awaits must not wait for another.
        let _ = socket.set_nodelay(true);
        self.connections.insert(name.clone(), Connection { broker, socket });
        self.client(name.clone(), ClientEvent::Connect(broker.0.unsigned_abs()));
        listen::read_connection(name, reader, heeded.clone());
    }

    fn client(&mut self, name: Name, event: ClientEvent) {
        if let Err(error) = self.session.write(Action::Client { name: name.clone(), event }) {
            println!("The connection of client {name} is closed: {error}");
            self.drop_connection(&name);
        }
    }

    fn send_replies(&mut self) {
        for (name, reply) in self.session.take_replies() {
            let ports = &self.ports;
            let address = |broker| Some((Arc::from("127.0.0.1"), *ports.get(&broker)?));
            let frame = match encode_reply(&reply, &address) {
                Ok(frame) => frame,
                Err(error) => {
                    println!("The connection of client {name} is closed: {error}");
                    self.client(name.clone(), ClientEvent::Close);
                    None
                }
            };
            let sent = match (frame, self.connections.get_mut(&name)) {
                (Some(frame), Some(connection)) => connection.socket.write_all(&frame).is_ok(),
                _ => false,
            };
            if !sent {
                self.drop_connection(&name);
            }
        }
    }

    fn close_connections_of_stopped_brokers(&mut self) {
        let world = self.session.world();
        let is_stopped = |connection: &Connection| !world.takes_connections(connection.broker);
        let stopped: Vec<Name> = self
            .connections
            .iter()
            .filter(|(_, connection)| is_stopped(connection))
            .map(|(name, _)| name.clone())
            .collect();
        for name in stopped {
            self.drop_connection(&name);
            self.client(name, ClientEvent::Close);
        }
    }

    fn drop_connection(&mut self, name: &Name) {
        if let Some(connection) = self.connections.remove(name) {
            let _ = connection.socket.shutdown(Shutdown::Both);
        }
    }

    fn tell_story(&mut self) {
        let total = self.session.log().total();
        let log = self.session.log();
        let new = usize::try_from(total - self.told).unwrap_or(usize::MAX).min(log.len());
        for line in log.iter().skip(log.len() - new) {
            if line.depth == Depth::Story || matches!(line.kind, LogKind::Output { .. }) {
                print!("{}", printed(line));
            }
        }
        self.told = total;
    }
}
