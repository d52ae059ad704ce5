//! `highwater run`: what it prints, in each form, and what it says of what cannot be played.

mod program;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use expect_test::{Expect, expect};
use program::{Ran, SONGS, folder, project, run, run_in};
use serde_json::Value;

/// Checks what is printed of a scenario that comes over standard input.
fn check(words: &[&str], scenario: &str, status: i32, expected: Expect) {
    let words: Vec<&str> = ["run"].iter().chain(words).copied().collect();
    let Ran { out, err, status: found } = run_in(&project(), &words, scenario);
    expected.assert_eq(&format!("{out}{err}"));
    assert_eq!(found, status, "{words:?}");
}

#[test]
fn a_terminal_is_printed_as_it_looks() {
    check(
        &["-"],
        SONGS,
        0,
        expect![[r#"
        $ kafka-topics.sh --create --topic songs --bootstrap-server broker1:9092
        Created topic songs.
        $ kafka-console-producer.sh --topic songs --bootstrap-server broker1:9092
        >Oslo
        >Lima
        >
        $ kafka-console-consumer.sh --topic songs --from-beginning --max-messages 2 --bootstrap-server broker1:9092
        The consumer rebalance protocol (KIP-848) is production-ready! Set group.protocol=consumer to try it out. See https://kafka.apache.org/documentation/#consumer_rebalance_protocol
        Oslo
        Lima
        Processed a total of 2 messages
    "#]],
    );
}

#[test]
fn terminals_are_printed_one_after_the_other() {
    let both = "highwater 1\n@1s t2> echo two\n@1s t1> echo one; cat\n@2s run\n";
    check(
        &["-"],
        both,
        0,
        expect![[r#"
        ==> t1 <==
        $ echo one; cat
        one
        ==> t2 <==
        $ echo two
        two
        standard input: at 2s a command still runs on t1; --until plays on
    "#]],
    );
}

#[test]
fn the_story_is_there_too() {
    let story = "highwater 1\ncluster --brokers 1\n@1s t1> broker kill 1\n@2s run\n";
    check(
        &["-", "--format", "log"],
        story,
        0,
        expect![[r#"
        0.000000 Broker 1 started
        0.105571 The controller unfenced broker 1: it takes part
        1.000000 You: broker kill 1
        1.000000 Broker 1 was killed
        1.000000 t1| Broker 1 was killed.
    "#]],
    );
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    check(
        &["-"],
        "highwater 1\n@1s t1> ls\n@2 t1> ls\n@3s t1 sginal INT\n",
        2,
        expect![[r#"
        standard input: line 3, column 2: expected a time such as 1.5s, found "2"; did you mean "2s"?
        standard input: line 4, column 8: expected eof, signal, or > right after t1, found "sginal"; did you mean "signal"?
    "#]],
    );
    check(
        &["nowhere.hw"],
        "",
        2,
        expect![[r#"
        nowhere.hw: it cannot be read: No such file or directory (os error 2)
    "#]],
    );
    check(
        &["-", "--until", "soon"],
        SONGS,
        2,
        expect![[r#"
        error: invalid value 'soon' for '--until <TIME>': it is to be a time such as 30s or 1m30s

        For more information, try '--help'.
    "#]],
    );
    check(
        &[],
        "",
        2,
        expect![[r#"
        error: the following required arguments were not provided:
          <FILE>...

        Usage: highwater run <FILE>...

        For more information, try '--help'.
    "#]],
    );
    let named = "highwater 1\n@1s file rides.csv sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 12\n";
    check(
        &["-"],
        named,
        2,
        expect![[r#"
        standard input: it names files by their hash only that are not in .; put them there:
          rides.csv, 12 bytes, SHA-256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    "#]],
    );
    check(
        &["-"],
        "",
        2,
        expect![[r#"
        standard input: line 1, column 1: expected "highwater 1" on the first line, found an empty script
    "#]],
    );
}

#[test]
fn many_mistakes_are_not_all_told() {
    let Ran { err, status, .. } = run_in(&project(), &["run", "-"], &"@x\n".repeat(5_000));
    assert_eq!((err.lines().count(), status), (21, 2), "{err}");
}

#[test]
fn a_run_that_reaches_a_bound_says_so() {
    let many = "highwater 1\n@2s t1> kafka-topics.sh --create --topic t --partitions 3000 --bootstrap-server broker1:9092\n@9s run\n";
    check(
        &["-"],
        many,
        3,
        expect![[r#"
            $ kafka-topics.sh --create --topic t --partitions 3000 --bootstrap-server broker1:9092
            standard input: The run stands still at line 2: there would be more than 2000 partitions
        "#]],
    );
    let busy = "highwater 1\n@1s t1> while true; do sleep 1; done\n@999d run\n";
    let Ran { err, status, .. } = run_in(&project(), &["run", "-", "--max-steps", "5000"], busy);
    assert!(err.contains("after 5000 steps of the engine"), "{err}");
    assert_eq!(status, 3);
    let idle = "highwater 1\n@1s t1> broker kill 1; broker kill 2; broker kill 3; controller kill 101\n@36500d run\n";
    let Ran { status, .. } = run_in(&project(), &["run", "-", "--max-steps", "1000000"], idle);
    assert_eq!(status, 3);
}

#[test]
fn the_hash_is_that_of_the_scenario_and_the_seed_can_be_another() {
    let known = include_str!("../../../tests/scenarios/story.hash").trim();
    let story = "tests/scenarios/story.hw";
    let own = run(&["run", "--hash", story]);
    assert_eq!(own, Ran { out: format!("{known}\n"), err: String::new(), status: 0 });
    let other = run(&["run", "--hash", "--seed", "7", story, story]).out;
    let lines: Vec<&str> = other.lines().collect();
    assert_eq!((lines.len(), lines[0]), (2, lines[1]));
    assert!(lines[0].ends_with(&format!("  {story}")) && !lines[0].starts_with(known));
}

#[test]
fn json_is_an_object_a_line_and_nothing_is_left_out() {
    let words = ["run", "--format", "json", "--view-every", "50s", "tests/scenarios/story.hw"];
    let Ran { out, status, .. } = run(&words);
    let (mut counts, mut next) = (BTreeMap::new(), 0);
    for line in out.lines() {
        let object: Value = serde_json::from_str(line).expect("each line is JSON");
        let text = |name: &str| object[name].as_str().map(str::to_owned);
        let kind = text("type").expect("it has a type");
        match kind.as_str() {
            "event" | "output" => {
                let id = if kind == "event" { &object["id"] } else { &object["event"] };
                assert_eq!(id.as_u64(), Some(next), "events follow each other");
                next += 1;
                assert!(kind == "output" || text("kind").is_some() && text("trace").is_some());
            }
            "view" => assert_eq!(object["brokers"].as_array().map(Vec::len), Some(3)),
            "anomaly" => assert_eq!(object["violation"], false, "{object}"),
            "end" => {
                assert_eq!(object["events"].as_u64(), Some(next));
                let hash = include_str!("../../../tests/scenarios/story.hash").trim();
                assert_eq!(object["hash"], hash);
            }
            _ => assert_eq!(kind, "scenario"),
        }
        *counts.entry(kind).or_insert(0) += 1;
    }
    let of = |kind: &str| counts.get(kind).copied().unwrap_or(0);
    assert_eq!((of("scenario"), of("view"), of("end"), status), (1, 3, 1, 0));
    assert!(of("event") > 10_000 && of("output") > 10 && of("anomaly") > 0, "{counts:?}");
}

#[test]
fn json_tells_of_share_groups() {
    let scenario = "highwater 1
config * share.coordinator.state.topic.replication.factor=1
config * share.coordinator.state.topic.min.isr=1
@0.1s t1> kafka-topics.sh --create --topic jobs --bootstrap-server broker1:9092
@1s t1> share-consumer start s1 --group pool --topic jobs --process-ms 60000
@12s t1> producer start p --topic jobs --rate 5 --count 5 --config linger.ms=5000
@25s run
";
    let told =
        run_in(&project(), &["run", "--format", "json", "--view-every", "24s", "-"], scenario);
    let mut views =
        told.out.lines().map(|line| serde_json::from_str::<Value>(line).expect("it is JSON"));
    let view = views.rfind(|line| line["type"] == "view").expect("there is a view");
    let (member, group) = (&view["share_consumers"][0], &view["share_groups"][0]);
    assert_eq!((&member["name"], &member["records_in_hand"]), (&"s1".into(), &5.into()), "{view}");
    let partition = &group["partitions"][0];
    assert_eq!((&partition["start_offset"], &partition["end_offset"]), (&0.into(), &5.into()));
    let run = &partition["in_flight"][0];
    let said = (&run["first_offset"], &run["last_offset"], &run["state"], &run["delivery_count"]);
    assert_eq!(said, (&0.into(), &4.into(), &"Acquired".into(), &1.into()), "{view}");
    assert_eq!(run["member"], group["members"][0]["id"]);
}

#[test]
fn json_tells_of_the_remote_store() {
    let scenario = "highwater 1
config * remote.log.storage.system.enable=true
config * remote.log.manager.task.interval.ms=1000
config * rlmm.config.remote.log.metadata.topic.replication.factor=1
config * rlmm.config.remote.log.metadata.topic.num.partitions=1
@0.1s t1> kafka-topics.sh --create --topic jobs --config remote.storage.enable=true --config segment.ms=2000 --bootstrap-server broker1:9092
@1s t1> producer start p --topic jobs --rate 10 --count 100
@15s t1> remote-store fail
@25s run
";
    let told =
        run_in(&project(), &["run", "--format", "json", "--view-every", "24s", "-"], scenario);
    let mut views =
        told.out.lines().map(|line| serde_json::from_str::<Value>(line).expect("it is JSON"));
    let view = views.rfind(|line| line["type"] == "view").expect("there is a view");
    let store = &view["remote_store"];
    assert_eq!((&store["enabled"], &store["failed"]), (&true.into(), &true.into()), "{view}");
    let tier = &store["partitions"][0];
    let segments = tier["segments"].as_array().expect("there are segments");
    assert_eq!(store["objects"].as_u64(), Some(segments.len() as u64));
    let topics = view["topics"].as_array().expect("there are topics");
    let topic = topics.iter().find(|topic| topic["name"] == "jobs").expect("it is there");
    assert_eq!(
        (&tier["partition"], &tier["leader"]),
        (&"jobs-0".into(), &topic["partitions"][0]["leader"])
    );
    assert_eq!(segments[0]["start_offset"], 0);
    assert_eq!(segments[0]["state"], "COPY_SEGMENT_FINISHED");
    let last = segments.last().expect("there are some");
    assert_eq!(last["end_offset"], tier["highest_offset"]);
}

#[test]
fn a_file_that_is_named_by_its_hash_is_found_beside_the_scenario() {
    let folder = folder("beside");
    fs::write(folder.join("by-another-name.txt"), "hello\n").unwrap();
    fs::write(folder.join("words.txt"), "other\n").unwrap();
    let sha256 = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
    let scenario = format!(
        "highwater 1\n@1s file words.txt sha256:{sha256} 6\n@1s t1> cat words.txt\n@2s run\n"
    );
    fs::write(folder.join("a.hw"), scenario).unwrap();
    for (from, file) in [(&folder, "a.hw"), (&project(), folder.join("a.hw").to_str().unwrap())] {
        assert_eq!(run_in(from, &["run", file], "").out, "$ cat words.txt\nhello\n", "{file}");
    }
}

#[test]
fn whoever_stops_reading_ends_it_quietly() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_highwater"));
    program.args(["run", "--format", "json", "tests/scenarios/story.hw"]).current_dir(project());
    let mut child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
