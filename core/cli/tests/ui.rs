//! The page of a served cluster: its files and no others, for this machine only; what happens is told, and what is written is done.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;

mod served;

use served::{Served, connect};

/// A folder with a page in it, and a file beside it that is nobody's business.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name).join("page");
    fs::create_dir_all(folder.join("fonts")).expect("it can be made");
    for (file, text) in
        [("index.html", "<title>The page</title>"), ("page.wasm", "\0asm"), ("../secret", "no")]
    {
        fs::write(folder.join(file), text).expect("it can be written");
    }
    folder
}

/// A cluster with its page, and the page's host and port.
fn serve(name: &str) -> (Served, String) {
    let folder = folder(name);
    let mut served = Served::start(&["--ui", "0", "--page", folder.to_str().expect("a path")]);
    let line = served.line_with("page=");
    let address = line.trim().trim_start_matches("page=http://").trim_end_matches("/#/live");
    let address = address.to_owned();
    // ApiVersions, version 0.
    served.is_up(&[0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 255, 255]);
    (served, address)
}

/// Sends a request, with further lines of its head.
fn send(address: &str, request: &str, lines: &str, body: &str) -> TcpStream {
    let mut socket = connect(address);
    let length = body.len();
    let head = format!("{request} HTTP/1.1\r\n{lines}Content-Length: {length}\r\n");
    let text = format!("{head}Connection: close\r\n\r\n{body}");
    socket.write_all(text.as_bytes()).expect("it is sent");
    socket
}

/// Checks the status of an answer, and that it holds some words.
fn check(address: &str, (request, lines, body): (&str, &str, &str), status: &str, words: &str) {
    let mut answer = String::new();
    let mut socket = send(address, request, lines, body);
    socket.read_to_string(&mut answer).expect("it is answered, and the connection ends");
    let first = answer.lines().next().unwrap_or_default();
    assert!(first.contains(status), "{request}: {first}");
    assert!(answer.contains(words), "{request}: {answer}");
}

#[test]
fn files_below_the_folder_are_served_to_this_machine_only() {
    let (_served, address) = serve("files");
    let own = format!("Host: {address}\r\n");
    check(&address, ("GET /", &own, ""), "200", "<title>The page</title>");
    check(&address, ("GET /?a=b", "", ""), "200", "text/html");
    check(&address, ("GET /page.wasm", &own, ""), "200", "Content-Type: application/wasm");
    check(&address, ("GET /../secret", &own, ""), "404", "no such file");
    check(&address, ("GET //etc/hostname", &own, ""), "404", "no such file");
    check(&address, ("GET /fonts", &own, ""), "404", "no such file");
    check(&address, ("PUT /index.html", &own, "x"), "405", "is read");
    // Another page may lead a name to this machine, or send its visitors here.
    check(&address, ("GET /", "Host: evil.example\r\n", ""), "403", "this machine only");
    let from_elsewhere = format!("{own}Origin: https://evil.example\r\n");
    check(&address, ("POST /live/entry", &from_elsewhere, "@0s t1> help"), "403", "only");
}

#[test]
fn what_a_page_writes_is_done_and_all_pages_are_told() {
    let (mut served, address) = serve("entries");
    let mut stream = BufReader::new(send(&address, "GET /live/events", "", ""));
    let mut told = |words: &str| loop {
        let mut line = String::new();
        assert_ne!(stream.read_line(&mut line).expect("it goes on"), 0, "no word of {words}");
        if line.contains(words) {
            return line;
        }
    };
    told("event: begin");
    let begin = told("data: ");
    assert!(begin.contains("highwater 1") && begin.contains("127.0.0.1:"), "{begin}");
    told("event: clock");
    let entry =
        |body, status, words| check(&address, ("POST /live/entry", "", body), status, words);
    entry("@0us panel> broker stop 1\n", "204", "");
    assert!(told("broker stop 1").contains("panel>"));
    served.line_with("You: broker stop 1");
    // What cannot be is said, and changes nothing.
    entry("broker stop 1", "400", "expected");
    entry("@0us client c9 connect 1\n", "400", "over TCP");
    entry("\u{1}", "400", "");
    entry("@0us panel> broker start 1\n", "204", "");
    told("broker start 1");
    served.line_with("You: broker start 1");
    // So is what is typed into the program itself.
    served.type_line("echo hello");
    told("t1> echo hello");
}
