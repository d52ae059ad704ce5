//! `cargo xtask serve`: the page on this machine, built again on every change.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;

use crate::build;
use crate::cli::ServeOptions;
use crate::failure::{Failure, Outcome};
use crate::process;
use crate::project::Project;
use crate::report::{note, say};
use crate::tools;
use crate::tools::node;

/// The first port to try when none is asked for, and how many after it.
const PORTS: std::ops::Range<u16> = 8080..8100;

/// Installs, builds, serves; returns when Trunk ends, which is normally by Ctrl-C.
pub fn run(project: &Project, options: &ServeOptions) -> Outcome {
    let port = choose_port(options.port)?;
    tools::wasm_target(project)?;
    let bindgen = tools::wasm_bindgen(project)?;
    let trunk = tools::trunk(project)?;
    if node::is_here() {
        node::packages(project)?;
    } else {
        note("no Node with npm here, so no wasm-opt: the page works, its module stays larger");
    }
    say(
        "trunk serve",
        "in release, because a debug module overflows the stack; at first it takes minutes",
    );
    let folders: Vec<_> =
        [&trunk, &bindgen].iter().filter_map(|program| program.parent()).map(Into::into).collect();
    let mut command = Command::new(&trunk);
    build::without_paths(&mut command);
    command.current_dir(&project.root).args([
        "serve",
        "--offline",
        "--address",
        "127.0.0.1",
        "--port",
        &port.to_string(),
    ]);
    // Trunk refuses to start with the usual NO_COLOR=1.
    command.env("PATH", process::path_with(&folders)).env_remove("NO_COLOR");
    if options.open {
        command.arg("--open");
    }
    note(&format!("Highwater will be at http://127.0.0.1:{port}/ after the build; Ctrl-C ends it"));
    note("with .tools/bin on PATH, plain `trunk serve` does the same, after compiling anew once");
    become_it(&mut command)
}

/// Hands over to Trunk. Where a process can become another, whoever ends this command ends Trunk.
fn become_it(command: &mut Command) -> Outcome {
    let todo = "mend what is named above, then run the command again";
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        let error = command.exec();
        Err(Failure::new(format!("Trunk did not start: {error}"), todo))
    }
    #[cfg(not(unix))]
    process::run(command, todo)
}

fn choose_port(wanted: Option<u16>) -> Outcome<u16> {
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    match wanted {
        Some(port) if is_free(&port) => Ok(port),
        Some(port) => Err(Failure::new(
            format!("port {port} is taken"),
            "choose another, as in --port 8090, or leave --port away",
        )),
        None => PORTS.clone().find(is_free).ok_or_else(|| {
            Failure::new(
                format!("the ports {} to {} are taken", PORTS.start, PORTS.end - 1),
                "choose a free one with --port N",
            )
        }),
    }
}
