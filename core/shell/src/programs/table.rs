//! Tables as `ToolsUtils.prettyPrintTable` prints them: each column as wide as its widest cell, and a tab
//! behind it.

use crate::script::Io;

/// Prints the head and the rows, which have as many cells.
pub(crate) fn print<const N: usize>(io: &mut Io<'_, '_>, head: [&str; N], rows: &[[String; N]]) {
    let mut widths = head.map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |cells: [&str; N]| -> String {
        cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}\t")).collect()
    };
    io.print(&line(head));
    for row in rows {
        io.print(&line(row.each_ref().map(String::as_str)));
    }
}
