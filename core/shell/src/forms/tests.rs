use super::*;

/// The choices with what every form of the kind must have.
fn filled(form: &Form, choices: &[(&'static str, &str)]) -> Choices {
    let mut all: Choices = form
        .fields
        .iter()
        .filter(|field| field.is_required)
        .map(|field| {
            (field.name, if field.name == "to" { "invoices" } else { "orders" }.to_owned())
        })
        .collect();
    all.extend(choices.iter().map(|(name, value)| (*name, (*value).to_owned())));
    all
}

/// What a form makes of choices: the line, and what is said of it.
#[track_caller]
fn check_form(form: &Form, choices: &[(&'static str, &str)], line: &str, said: Result<&str, &str>) {
    let choices = filled(form, choices);
    assert_eq!(form.line("x1", &choices), line);
    match (form.check("x1", &choices), said) {
        (Ok(hints), Ok("")) => assert_eq!(hints, [""; 0]),
        (Ok(hints), Ok(said)) => assert!(hints.iter().any(|hint| hint.contains(said)), "{hints:?}"),
        (Err(wrong), Err(said)) => assert!(wrong.contains(said), "{wrong}"),
        (outcome, said) => panic!("{outcome:?} is not {said:?}"),
    }
}

#[test]
fn choices_become_a_line() {
    check_form(&PRODUCER, &[], "producer start x1 --topic orders", Ok(""));
    check_form(
        &PRODUCER,
        &[("rate", " 5 "), ("acks", "all"), ("linger.ms", "20"), ("compression.type", "zstd")],
        "producer start x1 --topic orders --rate 5 --acks all --config linger.ms=20 --config compression.type=zstd",
        Ok(""),
    );
    check_form(
        &WORKLOAD,
        &[("value", "it's {n}"), ("keys", "9"), ("key distribution", "")],
        r"producer start x1 --topic orders --keys 9 --value 'it'\''s {n}'",
        Ok(""),
    );
    check_form(
        &CONSUMER,
        &[("from beginning", "true"), ("commit when", ""), ("isolation.level", "read_committed")],
        "consumer start x1 --topic orders --group orders --from-beginning --config isolation.level=read_committed",
        Ok(""),
    );
    check_form(
        &APP,
        &[("guarantee", "exactly-once")],
        "app start x1 --from orders --to invoices --group orders --guarantee exactly-once",
        Ok("read_committed"),
    );
    check_form(
        &SHARE_CONSUMER,
        &[("max.poll.records", "5"), ("fail on", "every=3"), ("on failure", "crash")],
        "share-consumer start x1 --topic orders --group orders --config max.poll.records=5 --fail-on every=3 --on-fail crash",
        Ok("locks expire"),
    );
}

#[test]
fn what_contradicts_is_told_as_the_command_tells_it() {
    check_form(
        &PRODUCER,
        &[("acks", "1")],
        "producer start x1 --topic orders --acks 1",
        Ok("is off with it"),
    );
    check_form(
        &PRODUCER,
        &[("acks", "1"), ("enable.idempotence", "true")],
        "producer start x1 --topic orders --acks 1 --config enable.idempotence=true",
        Err("acks"),
    );
    check_form(
        &PRODUCER,
        &[("linger.ms", "-4")],
        "producer start x1 --topic orders --config linger.ms=-4",
        Err("at least 0"),
    );
    check_form(
        &PRODUCER,
        &[("transactional.id", "tx"), ("acks", "1")],
        "producer start x1 --topic orders --acks 1 --transactional-id tx",
        Err("acks"),
    );
    check_form(
        &PRODUCER,
        &[("abort every", "3")],
        "producer start x1 --topic orders --abort-every 3",
        Err("--transactional-id"),
    );
    check_form(
        &WORKLOAD,
        &[("rate", "7"), ("burst", "10/1s")],
        "producer start x1 --topic orders --rate 7 --burst 10/1s",
        Err("contradict"),
    );
    check_form(
        &WORKLOAD,
        &[("tombstone every", "3")],
        "producer start x1 --topic orders --tombstone-every 3",
        Err("--keys"),
    );
    check_form(
        &CONSUMER,
        &[("group.protocol", "consumer"), ("assignor", "sticky")],
        "consumer start x1 --topic orders --group orders --protocol consumer --assignor sticky",
        Ok("will refuse"),
    );
    check_form(
        &SHARE_CONSUMER,
        &[("mode", "implicit"), ("fail on", "every=3"), ("on failure", "reject")],
        "share-consumer start x1 --topic orders --group orders --mode implicit --fail-on every=3 --on-fail reject",
        Err("explicit"),
    );
    check_form(
        &SHARE_CONSUMER,
        &[("on failure", "reject")],
        "share-consumer start x1 --topic orders --group orders --on-fail reject",
        Err("--fail-on"),
    );
    check_form(
        &APP,
        &[("to", "orders")],
        "app start x1 --from orders --to orders --group orders",
        Err("without end"),
    );
}

#[test]
fn presets_can_be_started_and_fields_explain_themselves() {
    for form in FORMS {
        for preset in form.presets {
            let choices = filled(form, preset.choices);
            assert!(
                preset
                    .choices
                    .iter()
                    .all(|(name, _)| form.fields.iter().any(|it| it.name == *name)),
                "{}: {}",
                form.name,
                preset.name
            );
            if let Err(wrong) = form.check("x1", &choices) {
                panic!("{}, {}: {wrong}", form.name, preset.name);
            }
        }
        for field in form.fields {
            assert!(field.says().ends_with('.'), "{}: {}", form.name, field.name);
            if let Takes::One(words) = field.takes {
                assert!(words.contains(&field.default()), "{}: {}", form.name, field.name);
            }
        }
        for (name, _) in form.hints.iter().flat_map(|hint| hint.when) {
            assert!(form.fields.iter().any(|field| field.name == *name), "{name}");
        }
    }
}

#[test]
fn lines_that_start_no_client_are_refused() {
    for line in
        ["", "producer", "broker stop 1", "producer start p1 --topic o; help", "app start 'a"]
    {
        assert!(check(line).is_err(), "{line}");
    }
}
