//! What is typed on terminals.

use highwater_scenario::script::ScriptError;
use highwater_scenario::timeline::Timeline;
use leptos::prelude::UpdateValue;

use super::Sim;

impl Sim {
    /// Gives a line to what reads on a terminal: the command in the foreground if it reads, or the shell.
    pub fn type_line(self, terminal: &str, line: &str) -> Result<(), ScriptError> {
        if !self.read(|session| session.terminal(terminal).is_read).unwrap_or(false) {
            return self.submit(terminal, line);
        }
        let type_in = |timeline: &mut Timeline| timeline.input(terminal, line);
        let done = self.core.try_update_value(|core| type_in(&mut core.timeline));
        self.changed();
        done.unwrap_or(Ok(()))
    }

    /// Presses Ctrl-D on a terminal.
    pub fn end_input(self, terminal: &str) {
        let _ = self.core.try_update_value(|core| core.timeline.end_input(terminal));
        self.changed();
    }
}
