//! Lines of the shell in a whole cluster: pipes, redirection, loops, variables, helpers.

mod common;

use common::Terminal;

#[track_caller]
fn check(terminal: &mut Terminal, line: &str, output: &str, errors: &str, code: i32) {
    let printed = terminal.run(line);
    assert_eq!(printed.output, output, "{line}: {printed:?}");
    assert_eq!(printed.errors, errors, "{line}: {printed:?}");
    assert_eq!(printed.code, Some(code), "{line}: {printed:?}");
}

#[track_caller]
fn prints(terminal: &mut Terminal, line: &str, output: &str) {
    check(terminal, line, output, "", 0);
}

#[test]
fn pipes_carry_lines() {
    let t = &mut Terminal::new();
    prints(t, "seq 1 10 | tail -3", "8\n9\n10\n");
    prints(t, "seq 100000 | head -2", "1\n2\n");
    prints(t, "seq 5 | grep -v 3 | wc -l", "4\n");
    prints(t, "printf 'b 2\\na 1\\nb 2\\n' | sort | uniq -c", "      1 a 1\n      2 b 2\n");
    prints(t, "echo 'a,b,c' | cut -d, -f2,3", "b,c\n");
    prints(t, "echo '{\"a\":{\"b\":[1,\"x\"]}}' | jq -r '.a.b[1]'", "x\n");
    prints(t, "seq 3 | xargs echo n", "n 1 2 3\n");
    prints(t, "for i in 1 2 3; do echo $i; done | tail -1", "3\n");
    prints(t, "seq 3 | while read n; do echo \"<$n>\"; done", "<1>\n<2>\n<3>\n");
    prints(t, "echo Abc | tr a-z A-Z", "ABC\n");
    check(t, "seq 3 | grep 7", "", "", 1);
    let line = "echo 'an order-12, Order-7 and orders'";
    prints(t, &format!("{line} | grep -o 'order-[0-9]*'"), "order-12\n");
    prints(t, &format!("{line} | grep -oi 'order-[0-9]*'"), "order-12\nOrder-7\n");
    prints(t, &format!("{line} | grep -ow order"), "order\n");
    prints(t, &format!("{line} | grep -on an"), "1:an\n1:an\n");
    prints(t, "printf 'broker1\\nbroker12\\n' | grep -w broker1", "broker1\n");
    prints(t, "printf 'a|b\\nab\\n' | grep -wF 'a|b'", "a|b\n");
    check(t, "seq 3 | grep -w 0", "", "", 1);
    let errors = "sort: invalid option -- 'k'\nHighwater: `man sort` tells which options are understood here\n";
    check(t, "seq 3 | sort -k2", "", errors, 1);
    check(t, "nosuch 2>&1 | head -1", "bash: nosuch: command not found\n", "", 0);
}

#[test]
fn lists_go_on_as_codes_say() {
    let t = &mut Terminal::new();
    prints(t, "true && echo a || echo b", "a\n");
    prints(t, "false && echo a || echo b", "b\n");
    prints(t, "! false; echo $?", "0\n");
    check(t, "false", "", "", 1);
    prints(t, "echo $?", "1\n");
    prints(t, "if test 3 -gt 2; then echo more; else echo less; fi", "more\n");
    prints(t, "i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo $i; done", "1\n2\n3\n");
    prints(t, "for i in {1..9}; do [ $i = 3 ] && break; echo $i; done", "1\n2\n");
    check(t, "exit 3; echo never", "", "", 3);
}

#[test]
fn files_are_written_and_read() {
    let t = &mut Terminal::new();
    prints(t, "echo one > f; echo two >> f; cat f", "one\ntwo\n");
    prints(t, "wc -l < f", "2\n");
    prints(t, "nosuch 2> e; cat e | head -1", "bash: nosuch: command not found\n");
    prints(t, "cat <<EOF | tail -1\na\nb $((1+1))\nEOF", "b 2\n");
    prints(t, "cat <<'EOF'\n$HOME\nEOF", "$HOME\n");
    prints(t, "cat <<< word", "word\n");
    prints(t, "ls; rm e f; ls", "e\nf\n");
    check(t, "cat < none", "", "bash: none: No such file or directory\n", 1);
}

#[test]
fn variables_outlive_a_line() {
    let t = &mut Terminal::new();
    prints(t, "export BS=localhost:9092", "");
    prints(
        t,
        "echo $BS \"$BS x\" '$BS' ${NONE:-other}",
        "localhost:9092 localhost:9092 x $BS other\n",
    );
    prints(t, "kafka-topics.sh --bootstrap-server $BS --create --topic t", "Created topic t.\n");
    prints(t, "bin/kafka-topics.sh --bootstrap-server $BS --list | wc -l", "1\n");
    prints(t, "docker exec -it kafka kafka-topics --bootstrap-server $BS --list", "t\n");
    prints(t, "n=$(seq 4 | wc -l); echo \"$n lines\"", "4 lines\n");
}

#[test]
fn jobs_run_in_the_background() {
    let t = &mut Terminal::new();
    let started = t.run("sleep 60 &");
    assert!(started.errors.starts_with("[1] "), "{started:?}");
    let jobs = t.run("jobs").output;
    assert_eq!(jobs, "[1]+  Running                 sleep 60 &\n");
    t.run("kill %1");
    assert_eq!(t.run("jobs").output, "");
    check(t, "fg", "", "bash: fg: current: no such job\n", 1);
    t.run("sleep 2 &");
    prints(t, "fg", "sleep 2\n");
}

#[test]
fn help_knows_all_that_can_be_typed() {
    let t = &mut Terminal::new();
    let summary = "Counts lines, words and bytes: wc -l.";
    prints(t, "help wc", &format!("{summary}\nmore: man wc\n"));
    for (line, part) in [
        ("help jobs", "Lists what runs in the background."),
        ("help kafka-topics", "more: man kafka-topics"),
        ("help", "`man COMMAND` explains one"),
        ("man kafka-topics | head -1", "KAFKA-TOPICS(1)"),
    ] {
        let printed = t.run(line);
        assert!(printed.output.contains(part) && printed.code == Some(0), "{line}: {printed:?}");
    }
    check(t, "man nosuch 2> e; grep -c 'No manual entry' e", "1\n", "", 0);
}

#[test]
fn a_producer_that_waits_in_send_ends_at_ctrl_c() {
    let t = &mut Terminal::new();
    // No broker makes a topic of that name, so the first send waits for max.block.ms.
    let producer = "kafka-console-producer.sh --bootstrap-server localhost:9092 --topic 'a*}'";
    let printed = t.run(&format!(
        "echo x | {producer} 2> e & sleep 3; kill %1; sleep 1; jobs; grep -c 'closed while send' e"
    ));
    assert_eq!((printed.output.as_str(), printed.code), ("1\n", Some(0)), "{printed:?}");
}
