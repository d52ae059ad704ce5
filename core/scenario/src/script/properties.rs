use bytes::Bytes;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::sample::select;

use super::{
    Action, ClientEvent, Cluster, Config, ConfigTarget, Document, EngineVersion, Entry, EntryId,
    FileContent, FileName, Header, Item, Micros, Name, Scenario, Signal, StartTime,
};

fn name() -> impl Strategy<Value = Name> {
    "[a-z][a-z0-9-]{0,8}".prop_filter_map("reserved", |text| Name::new(&text))
}

/// Text that is likely to meet the script's own marks.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,30}",
        "[a \t\r\n\"#<>@\\\\\u{feff}\u{85}]{0,12}",
        vec(select(&["END", "END1", "\n", "\r\n", "@0s run", "<<END", " "][..]), 0..8)
            .prop_map(|parts| parts.concat()),
    ]
}

fn content() -> impl Strategy<Value = FileContent> {
    prop_oneof![
        text().prop_map(|text| FileContent::Inline(Bytes::from(text))),
        vec(any::<u8>(), 0..200).prop_map(|bytes| FileContent::Inline(Bytes::from(bytes))),
        (any::<[u8; 32]>(), any::<u64>())
            .prop_map(|(sha256, len)| FileContent::ByHash { sha256, len }),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let event = prop_oneof![
        (0..=2_147_483_647_u32).prop_map(ClientEvent::Connect),
        any::<Vec<u8>>().prop_map(|bytes| ClientEvent::Bytes(Bytes::from(bytes))),
        Just(ClientEvent::Close),
    ];
    let file_name = text().prop_filter_map("length", |text| FileName::new(&text));
    prop_oneof![
        (name(), text()).prop_map(|(terminal, line)| Action::Command { terminal, line }),
        (name(), text()).prop_map(|(terminal, text)| Action::Input { terminal, text }),
        name().prop_map(|terminal| Action::EndOfInput { terminal }),
        (name(), select(&Signal::ALL[..]))
            .prop_map(|(terminal, signal)| Action::Signal { terminal, signal }),
        (file_name, content()).prop_map(|(name, content)| Action::File { name, content }),
        (name(), event).prop_map(|(name, event)| Action::Client { name, event }),
        Just(Action::Until),
    ]
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let time = prop_oneof![0..5_000_000_u64, 0..=Micros::LATEST.0];
    vec((time, action()), 0..12).prop_map(|mut entries| {
        entries.sort_by_key(|(at, _)| *at);
        let numbered = (0_u32..).zip(entries);
        let entry = |(id, (at, action))| Entry { id: EntryId(id), at: Micros(at), action };
        numbered.map(entry).collect()
    })
}

fn cluster() -> impl Strategy<Value = Cluster> {
    let latency = option::of((0..=Micros::LATEST.0).prop_map(Micros));
    let racks = vec("[A-Za-z0-9._-]{1,4}", 0..9);
    let store = (latency.clone(), option::of(1..=i64::MAX as u64));
    (1..=9_u8, 1..=5_u8, any::<bool>(), racks, latency, store, 1..=2_u8).prop_map(
        |(brokers, controllers, combined, mut racks, latency, store, transaction_version)| {
            racks.truncate(usize::from(brokers));
            let controllers = if combined { controllers.min(brokers) } else { controllers };
            let (store_latency, store_bandwidth) = store;
            Cluster {
                brokers,
                controllers,
                combined,
                racks,
                latency,
                store_latency,
                store_bandwidth,
                transaction_version,
            }
        },
    )
}

fn header() -> impl Strategy<Value = Header> {
    let engine = option::of(any::<(u32, u32, u32)>()).prop_map(|version| {
        version.map(|(major, minor, patch)| EngineVersion { major, minor, patch })
    });
    let start =
        (0..=253_402_300_799_999_i64).prop_filter_map("range", StartTime::from_epoch_millis);
    let config = (option::of(0..20_u32), "[a-z]{1,5}(\\.[a-z]{1,3})?", text()).prop_map(
        |(broker, name, value)| Config {
            target: broker.map_or(ConfigTarget::EveryBroker, ConfigTarget::Broker),
            name,
            value,
        },
    );
    let start = prop_oneof![Just(StartTime::default()), start];
    (engine, any::<u64>(), start, cluster(), vec(config, 0..4)).prop_map(
        |(engine, seed, start, cluster, mut configs)| {
            configs.sort_by_key(|config| (config.target, config.name.clone()));
            configs.dedup_by_key(|config| (config.target, config.name.clone()));
            Header { engine, seed, start, cluster, configs }
        },
    )
}

/// Lines that are right, nearly right and wrong, in any order.
fn script() -> impl Strategy<Value = String> {
    let pieces = [
        "highwater 1",
        "highwater",
        "seed 42",
        "seed",
        "engine 0.1.0",
        "start 2026-01-05T09:00:00Z",
        "cluster --brokers 3",
        "cluster --racks a,b",
        "--latency 1ms",
        "config * a=b",
        "config 2 x=\"\"",
        "# note",
        "",
        " ",
        "\t",
        "\r",
        "\n",
        "\n",
        "\n",
        "\n",
        "\u{feff}",
        "@0s ",
        "@1s ",
        "@1.5x ",
        "@250ms ",
        "@",
        "t1> ",
        "t1< ",
        "t1>> ",
        "\"a\\nb\"",
        "\"",
        "t1 eof",
        "t1 signal INT",
        "file a.txt ",
        "file ",
        "<<END",
        "<<END1",
        " base64",
        " no-newline",
        "\nEND\n",
        "\nEND1\n",
        "END",
        "aGVsbG8=",
        "AP8=",
        "sha256:",
        "00",
        "client c1 ",
        "connect 1",
        "bytes 00ff",
        "close",
        "run",
        "é",
        "\u{0}",
    ];
    let piece = prop_oneof![
        9 => select(pieces.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn check_any_text(text: &str) {
    let document = Document::parse(text);
    let printed = document.print();
    let again = Document::parse(&printed);
    assert_eq!(again, document, "printed as {printed:?}");
    assert_eq!(again.print(), printed);
    // Each line keeps its number; comments and what is malformed keep their text.
    let text = text.trim_start_matches('\u{feff}');
    let source: Vec<&str> = text.lines_of_script();
    let lines: Vec<&str> = printed.lines_of_script();
    assert_eq!(source.len(), lines.len());
    let mut at = 0;
    for item in document.items() {
        if let Item::Malformed { text, .. } | Item::Comment(text) = item {
            for (offset, line) in text.split('\n').enumerate() {
                assert_eq!(line, source[at + offset]);
                assert_eq!(line, lines[at + offset]);
            }
        }
        if let Item::Malformed { error, .. } = item {
            let line = error.line as usize;
            assert!(line > at && line <= lines.len());
            let width = lines[line - 1].chars().count();
            assert!(error.column >= 1 && error.column as usize <= width + 1, "{error}");
        }
        at += lines_of(item, &document);
    }
    assert_eq!(at, lines.len());
}

fn lines_of(item: &Item, document: &Document) -> usize {
    let mut alone = document.clone();
    alone.items = vec![item.clone()];
    alone.print().matches('\n').count()
}

trait LinesOfScript {
    fn lines_of_script(&self) -> Vec<&str>;
}

impl LinesOfScript for str {
    fn lines_of_script(&self) -> Vec<&str> {
        let body = self.strip_suffix('\n').unwrap_or(self);
        match self {
            "" => Vec::new(),
            _ => body.split('\n').map(|line| line.trim_end_matches('\r')).collect(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_scenario_reads_back(header in header(), entries in entries()) {
        let scenario = Scenario { header, entries };
        let document = scenario.to_document();
        let text = document.print();
        prop_assert_eq!(Scenario::parse(&text), Ok(scenario));
        let read = Document::parse(&text);
        prop_assert_eq!(read.print(), text);
        prop_assert_eq!(read, document);
    }

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        check_any_text(&text);
    }

    #[test]
    fn texts_that_are_nearly_scripts_are_read(text in script()) {
        check_any_text(&text);
        check_any_text(&format!("highwater 1\n{text}"));
    }

    #[test]
    fn inserting_keeps_the_rest(text in script(), at in 0..4_000_000_u64, action in action()) {
        let mut document = Document::parse(&format!("highwater 1\n{text}"));
        let before = document.entries().count();
        let id = document.insert(Micros(at), action.clone()).expect("room");
        prop_assert_eq!(document.entries().count(), before + 1);
        let entry = document.entries().find(|entry| entry.id == id).expect("there");
        prop_assert_eq!((&entry.action, entry.at), (&action, Micros(at)));
        prop_assert!(document.line_of(id).is_some());
        prop_assert_eq!(document.bytes(), document.print().len());
        prop_assert_eq!(Document::parse(&document.print()), document);
    }
}
