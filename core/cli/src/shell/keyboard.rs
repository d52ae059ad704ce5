//! What is typed for a command that runs. The terminal itself lets a line be edited until Enter is pressed.

use std::io::{self, BufRead};
use std::time::Duration;

/// What was typed.
pub(super) enum Typed {
    /// A line, without its end.
    Line(String),
    /// Ctrl-D on an empty line.
    EndOfInput,
}

/// What was typed, if anything is within a while.
///
/// # Errors
/// Standard input cannot be read.
pub(super) fn typed(within: Duration) -> io::Result<Option<Typed>> {
    if !is_typed(within)? {
        return Ok(None);
    }
    let mut line = String::new();
    let count = io::stdin().lock().read_line(&mut line)?;
    if count == 0 {
        return Ok(Some(Typed::EndOfInput));
    }
    let text = line.trim_end_matches(['\n', '\r']);
    Ok(Some(Typed::Line(text.to_owned())))
}

/// Whether something is typed within a while. A signal ends the wait.
#[cfg(unix)]
fn is_typed(within: Duration) -> io::Result<bool> {
    use std::os::fd::AsFd;

    use nix::errno::Errno;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

    let stdin = io::stdin();
    let mut watched = [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
    let timeout = PollTimeout::try_from(within).unwrap_or(PollTimeout::ZERO);
    match poll(&mut watched, timeout) {
        Ok(count) => Ok(count > 0),
        Err(Errno::EINTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Where nobody can look without waiting, time stands still until a line is typed.
#[cfg(not(unix))]
fn is_typed(_: Duration) -> io::Result<bool> {
    Ok(true)
}
