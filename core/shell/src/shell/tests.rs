//! What is typed is read as bash reads it.

use super::parser::{Trouble, parse};

fn check(text: &str, expected: Result<usize, &str>) {
    let found = match parse(text) {
        Ok(list) => Ok(list.0.len()),
        Err(Trouble::Incomplete) => Err("incomplete".to_owned()),
        Err(trouble) => Err(trouble.message()),
    };
    assert_eq!(found, expected.map_err(str::to_owned), "{text}");
}

#[test]
fn lists_are_read() {
    check("", Ok(0));
    check("# nothing", Ok(0));
    check("a; b & c && d || e | f", Ok(3));
    check("for i in 1 2 {3..5}; do echo $i; done", Ok(1));
    check("for i in $(seq 3)\ndo\n echo $i\ndone > out", Ok(1));
    check("while read -r l; do echo \"$l\"; done < f", Ok(1));
    check("if a; then b; elif c; then d; else e; fi", Ok(1));
    check("(a; b) | c; { a; b; }", Ok(2));
    check("cat <<EOF\na $x\nEOF\necho b", Ok(2));
    check("a \\\n --b \\\n --c", Ok(1));
    check("x=$((1 + 2)) a", Ok(1));
    check("$ kafka-topics.sh --list", Ok(1));
    check("a 2>&1 | b > /dev/null 2> c", Ok(1));
}

#[test]
fn what_is_not_whole_waits_for_more() {
    for text in
        ["a \\", "a |", "a &&", "cat <<EOF\nx", "for i in 1", "for i in 1; do", "(a", "if a"]
    {
        check(text, Err("incomplete"));
    }
}

#[test]
fn what_is_wrong_is_told_as_bash_does() {
    check("| a", Err("bash: syntax error near unexpected token `|'"));
    check("a || | b", Err("bash: syntax error near unexpected token `|'"));
    check(";", Err("bash: syntax error near unexpected token `;'"));
    check("a >", Err("bash: syntax error near unexpected token `newline'"));
    check("done", Err("bash: syntax error near unexpected token `done'"));
    check("echo 'a", Err("the quote ' at column 6 is never closed"));
}
