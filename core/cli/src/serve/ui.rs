//! The page of a served cluster, over HTTP on this machine: its files, what it is told (`live/events`), and what is written in it
//! (`live/entry`).

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::mpsc::{Sender, channel, sync_channel};
use std::thread;

use tiny_http::{Method, Request, Server, StatusCode};

use super::listen::{Heard, Heeded};
use super::watchers::MOST_WAITING;

/// What a page may write at once, in bytes: a data file is the most.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// What is said of an entry: nothing, or what is wrong with it.
pub(super) type Verdict = Sender<Result<(), String>>;

/// Serves the page at a port of this machine; returns its address.
///
/// # Errors
/// There is no page in the folder, or the port is taken.
pub(super) fn open(port: u16, folder: &Path, tell: Heeded) -> Result<String, String> {
    if !folder.join("index.html").is_file() {
        return Err(format!(
            "{} holds no page: build it with `cargo xtask build`, or name its folder with --page",
            folder.display()
        ));
    }
    let server = Server::http(("127.0.0.1", port)).map_err(|error| {
        format!("the page cannot be served on port {port}: {error}; try another --ui")
    })?;
    let port = server.server_addr().to_ip().map_or(port, |address| address.port());
    let own = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    let folder = folder.to_owned();
    thread::spawn(move || {
        for request in server.incoming_requests() {
            answer(request, &folder, &own, &tell);
        }
    });
    Ok(format!("http://127.0.0.1:{port}/#/live"))
}

fn answer(request: Request, folder: &Path, own: &[String], tell: &Heeded) {
    // A page from elsewhere, under a name that leads here, is not to read or write: its requests name that place.
    let is_own = |name: &'static str| {
        let said = header(&request, name);
        said.is_none_or(|said| own.iter().any(|own| said.trim_start_matches("http://") == own))
    };
    if !is_own("Host") || !is_own("Origin") {
        return respond(request, 403, "this page is served to this machine only");
    }
    let path = request.url().split(['?', '#']).next().unwrap_or_default().to_owned();
    match (request.method(), path.as_str()) {
        (Method::Get, "/live/events") => stream(request, tell),
        (Method::Post, "/live/entry") => take_entry(request, tell),
        (Method::Get | Method::Head, path) => {
            // A page that reads slowly holds up nobody else.
            let (folder, path) = (folder.to_owned(), path.to_owned());
            thread::spawn(move || file(request, &folder, &path));
        }
        _ => respond(request, 405, "a page is read, and entries are posted to live/entry"),
    }
}

/// Hands on what the page is told, for as long as it listens.
fn stream(request: Request, tell: &Heeded) {
    let (page, told) = sync_channel(MOST_WAITING);
    if tell.send(Heard::Watches(page)).is_err() {
        return;
    }
    thread::spawn(move || {
        let mut out = request.into_writer();
        let mut sent = write_head(&mut *out, 200, "text/event-stream", None);
        while sent.is_ok() {
            let Ok(message) = told.recv() else { return };
            sent = out.write_all(message.as_bytes()).and_then(|()| out.flush());
        }
    });
}

fn take_entry(mut request: Request, tell: &Heeded) {
    let mut text = String::new();
    let read = request.as_reader().take(MOST_BYTES + 1).read_to_string(&mut text);
    if read.is_err() || text.len() as u64 > MOST_BYTES {
        return respond(request, 413, "an entry is text, of at most 4 MiB");
    }
    let (verdict, said) = channel();
    if tell.send(Heard::Entry { text, verdict }).is_err() {
        return respond(request, 503, "the cluster has ended");
    }
    // The cluster may be busy: nobody else waits for this answer.
    thread::spawn(move || match said.recv() {
        Ok(Ok(())) => respond(request, 204, ""),
        Ok(Err(wrong)) => respond(request, 400, &wrong),
        Err(_) => respond(request, 503, "the cluster has ended"),
    });
}

fn file(request: Request, folder: &Path, path: &str) {
    let relative = Path::new(path.trim_start_matches('/'));
    // Only names below the folder: no "..", no root.
    if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return respond(request, 404, "there is no such file");
    }
    let mut found: PathBuf = folder.join(relative);
    if found.is_dir() {
        found = found.join("index.html");
    }
    let opened = File::open(&found).and_then(|file| Ok((file.metadata()?.len(), file)));
    let Ok((length, mut file)) = opened else {
        return respond(request, 404, "there is no such file");
    };
    let is_wanted = *request.method() != Method::Head;
    let mut out = request.into_writer();
    let sent = write_head(&mut *out, 200, kind_of(&found), Some(length));
    if sent.is_ok() && is_wanted {
        // Who goes away meanwhile does not want the rest.
        let _ = std::io::copy(&mut file, &mut out).and_then(|_| out.flush());
    }
}

fn respond(request: Request, status: u16, text: &str) {
    let mut out = request.into_writer();
    let length = Some(text.len() as u64);
    let _ = write_head(&mut *out, status, "text/plain; charset=utf-8", length)
        .and_then(|()| out.write_all(text.as_bytes()))
        .and_then(|()| out.flush());
}

/// Each answer ends its connection. The library has a thread for each connection, and when several come at once it leaves some of
/// them to a thread that is free later: with connections that stay open for the next request there would be none.
fn write_head(
    out: &mut dyn Write,
    status: u16,
    kind: &str,
    length: Option<u64>,
) -> std::io::Result<()> {
    let phrase = StatusCode(status).default_reason_phrase();
    let length = length.map(|length| format!("Content-Length: {length}\r\n")).unwrap_or_default();
    let head = format!(
        "HTTP/1.1 {status} {phrase}\r\nContent-Type: {kind}\r\n{length}Cache-Control: no-store\r\n\
         X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    );
    out.write_all(head.as_bytes()).and_then(|()| out.flush())
}

fn header(request: &Request, name: &'static str) -> Option<String> {
    let found = request.headers().iter().find(|header| header.field.equiv(name))?;
    Some(found.value.as_str().to_owned())
}

/// Browsers compile a module while it comes only if its type is exactly this one.
fn kind_of(file: &Path) -> &'static str {
    match file.extension().and_then(|ending| ending.to_str()).unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        "woff2" => "font/woff2",
        _ => "text/plain; charset=utf-8",
    }
}
