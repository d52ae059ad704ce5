//! `web/rest.txt`: the functions that a first visit does not run, each by a hash of its name.

use std::collections::BTreeSet;

use crate::failure::{Failure, Outcome};

const HEAD: &str = "\
# The functions that a first visit does not run, each by a hash of its name: they make up
# highwater-web_rest.wasm. Written by `cargo xtask profile`; run it again when `cargo xtask size` says
# that the first load has grown, or the test of the first load that it needs the rest.
";

/// Reads the list.
pub fn parse(text: &str) -> Outcome<BTreeSet<u64>> {
    let lines = text.lines().map(str::trim).enumerate();
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(index, line)| {
            u64::from_str_radix(line, 16).map_err(|_| {
                let what = format!("web/rest.txt, line {}: `{line}` is no hash", index + 1);
                Failure::new(what, "write it anew: `cargo xtask profile`")
            })
        })
        .collect()
}

/// The list of all functions of a module but those that ran, by their indexes among the functions
/// that are not imported.
pub fn of_idle(module: &[u8], ran: &BTreeSet<usize>) -> Outcome<String> {
    let module = super::read(module)?;
    let (mut idle, mut busy) = (BTreeSet::new(), BTreeSet::new());
    for (function, name) in &module.names {
        let Some(own) = (*function as usize).checked_sub(module.imports.len()) else { continue };
        // Two functions may have one name: then both stay if one runs.
        if ran.contains(&own) { &mut busy } else { &mut idle }.insert(hash(name));
    }
    let lines = idle.difference(&busy).map(|hash| format!("{hash:010x}\n"));
    Ok(lines.fold(HEAD.to_owned(), |text, line| text + &line))
}

/// The hash of a name: the upper 40 bits of FNV-1a, enough to tell some ten thousand names apart. The
/// compiler's number of each crate, which another compiler writes otherwise, is left out.
pub fn hash(name: &str) -> u64 {
    let plain = format!("{:#}", rustc_demangle::demangle(name));
    let whole = plain.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    whole >> 24
}

#[cfg(test)]
mod tests {
    use super::{hash, parse};

    #[test]
    fn the_numbers_of_crates_do_not_matter() {
        for (one, other) in [
            ("_RNvCs5jABzceKrdx_4page4main", "_RNvCs8A644cQ0ieg_4page4main"),
            ("_RNvCs5jABzceKrdx_4page4main", "page::main"),
            ("plain", "plain"),
        ] {
            assert_eq!(hash(one), hash(other), "{one} and {other}");
        }
        assert_ne!(hash("_RNvCs5jABzceKrdx_4page4main"), hash("_RNvCs5jABzceKrdx_4page4mine"));
    }

    #[test]
    fn a_list_is_read_and_a_wrong_line_named() {
        let list = parse("# why\n00000000ff\n\n0123456789\n").unwrap();
        assert_eq!(list.into_iter().collect::<Vec<_>>(), [0xff, 0x01_2345_6789]);
        assert!(parse("ff\ncodec").unwrap_err().to_string().contains("line 2: `codec`"));
    }
}
