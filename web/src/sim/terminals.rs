//! What is typed on terminals.

use highwater_scenario::script::ScriptError;
use highwater_scenario::session;

use super::Sim;

impl Sim {
    /// Gives a line to what reads on a terminal: the command in the foreground if it reads, or the shell.
    pub fn type_line(self, terminal: &str, line: &str) -> Result<(), ScriptError> {
        if !self.read(|session| session.terminal(terminal).is_read).unwrap_or(false) {
            return self.submit(terminal, line);
        }
        self.write(session::input(terminal, line)?)
    }

    /// Presses Ctrl-D on a terminal.
    pub fn end_input(self, terminal: &str) {
        let _ = session::end_of_input(terminal).and_then(|action| self.write(action));
    }
}
