use super::{Acks, ProducerConfig};
use crate::configs::ConfigKind;
use crate::ids::TopicName;

fn config() -> ProducerConfig {
    ProducerConfig::new("p1", TopicName::from("orders"))
}

/// Sets `settings` one after the other and checks them together; the first error counts.
fn check(settings: &[(&str, &str)], expected: Result<(), &str>) {
    let mut config = config();
    let set = settings.iter().try_for_each(|(name, value)| config.set(name, value));
    let result = set.and_then(|()| config.check());
    assert_eq!(result, expected.map_err(str::to_owned), "for {settings:?}");
}

#[test]
fn the_defaults_are_those_of_kafka() {
    for (name, shown) in config().configs() {
        let kafkas = ConfigKind::Producer.definition(&name).expect("Kafka has the setting").default;
        // A client without an id has its name, and without a class the built-in logic partitions.
        let expected = match &*name {
            "client.id" => "p1",
            _ => kafkas.unwrap_or("null"),
        };
        assert_eq!(&*shown, expected, "{name}");
    }
}

#[test]
fn settings_are_set_by_the_names_that_kafka_gives_them() {
    let mut config = config();
    config.set("linger.ms", " 20 ").unwrap();
    config.set("acks", "-1").unwrap();
    config.set("enable.idempotence", "FALSE").unwrap();
    assert_eq!((config.linger_ms, config.acks, config.enable_idempotence), (20, Acks::All, false));
}

#[test]
fn what_is_wrong_is_said_as_kafka_says_it() {
    let invalid = "Invalid value 1s for configuration linger.ms: Not a number of type LONG";
    check(&[("linger.ms", "1s")], Err(invalid));
    let invalid = "Invalid value -1 for configuration batch.size: Value must be at least 0";
    check(&[("batch.size", "-1")], Err(invalid));
    let invalid = "Invalid value 2 for configuration acks: String must be one of: all, -1, 0, 1";
    check(&[("acks", "2")], Err(invalid));
    let invalid = "Invalid value yes for configuration enable.idempotence: \
                   Expected value to be either true or false";
    check(&[("enable.idempotence", "yes")], Err(invalid));
    let invalid =
        "Invalid value 10 for configuration compression.gzip.level: Value must be no more than 9";
    check(&[("compression.gzip.level", "10")], Err(invalid));
    check(
        &[("compression.gzip.level", "-1"), ("partitioner.availability.timeout.ms", "7")],
        Ok(()),
    );
    let mut config = config();
    let error =
        config.set("partitioner.class", "com.acme.Mine").expect_err("there is no such class");
    let invalid = "Invalid value com.acme.Mine for configuration partitioner.class: \
                   Class com.acme.Mine could not be found.";
    assert!(error.starts_with(invalid), "{error}");
    check(&[("lingr.ms", "1")], Err("lingr.ms is not a producer setting that is simulated"));
}

#[test]
fn idempotence_gives_way_only_where_nobody_asked_for_it() {
    check(&[("acks", "1")], Ok(()));
    check(&[("retries", "0")], Ok(()));
    let in_flight = ("max.in.flight.requests.per.connection", "9");
    check(&[("acks", "1"), ("enable.idempotence", "false"), in_flight], Ok(()));
    let invalid = "Must set acks to all in order to use the idempotent producer. \
                   Otherwise we cannot guarantee idempotence.";
    check(&[("acks", "1"), ("enable.idempotence", "true")], Err(invalid));
    let invalid = "Must set retries to non-zero when using the idempotent producer.";
    check(&[("enable.idempotence", "true"), ("retries", "0")], Err(invalid));
    let invalid = "To use the idempotent producer, max.in.flight.requests.per.connection must be \
                   set to at most 5. Current value is 6.";
    check(&[("max.in.flight.requests.per.connection", "6")], Err(invalid));
}

#[test]
fn a_delivery_timeout_covers_at_least_one_attempt() {
    let invalid =
        "delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms";
    check(&[("delivery.timeout.ms", "1000")], Err(invalid));
    check(&[("request.timeout.ms", "200000")], Ok(()));
    // Kafka keeps the sum within 32 bits.
    check(&[("delivery.timeout.ms", "2147483647"), ("linger.ms", "9000000000")], Ok(()));
}
