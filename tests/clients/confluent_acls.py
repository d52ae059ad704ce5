"""confluent-kafka, which is librdkafka: who it says that it is, and what it is allowed. Its cluster is confluent_acls.hw."""

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from confluent_calls import consumer, flush, introduce, producer, read_to_end, send
from trial import PATIENCE_S, SERVERS, check, expect, finished, keyed, step, until

TOPIC = "guarded"


def login(user, password=None):
    return {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN",
        "sasl.username": user,
        "sasl.password": password or f"{user}-secret",
    }


def main():
    introduce()
    admin = AdminClient({"bootstrap.servers": SERVERS} | login("admin"))
    a_topic_that_alice_may_not_write(admin)
    entries_are_made_and_listed(admin)
    records_written_and_read()
    a_group_that_is_not_allowed()
    a_wrong_password()
    entries_are_taken_away(admin)
    finished()


def a_topic_that_alice_may_not_write(admin):
    step("SASL/PLAIN: a producer without a right is told TOPIC_AUTHORIZATION_FAILED")
    admin.create_topics([NewTopic(TOPIC, 3, 3)])[TOPIC].result(PATIENCE_S)
    expect("what alice is told", refused(producer(login("alice"))), KafkaError.TOPIC_AUTHORIZATION_FAILED)
    expect("what anybody is told", refused(producer({})), KafkaError.TOPIC_AUTHORIZATION_FAILED)


def refused(sender):
    """The error by which a record comes back."""
    errors = []
    sender.produce(TOPIC, value="?", on_delivery=lambda error, _: errors.append(error))
    until("an error", lambda: sender.poll(0.1) or errors)
    return errors[0].code()


def binding(kind, name, operation, pattern=ResourcePatternType.LITERAL):
    return AclBinding(kind, name, pattern, "User:alice", "*", operation, AclPermissionType.ALLOW)


def entries_are_made_and_listed(admin):
    step("access control lists by the admin client: made, and listed")
    made = [
        binding(ResourceType.TOPIC, TOPIC, AclOperation.WRITE),
        binding(ResourceType.TOPIC, "guard", AclOperation.READ, ResourcePatternType.PREFIXED),
        binding(ResourceType.GROUP, "readers", AclOperation.READ),
    ]
    for future in admin.create_acls(made).values():
        future.result(PATIENCE_S)
    listed = admin.describe_acls(everything()).result(PATIENCE_S)
    expect("the entries", sorted(map(str, listed)), sorted(map(str, made)))


def everything():
    return AclBindingFilter(
        ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY, AclPermissionType.ANY
    )


def records_written_and_read():
    step("what is allowed: keyed records with idempotence, read by a group")
    sender = producer(login("alice") | {"enable.idempotence": True})
    send(sender, TOPIC, keyed(300))
    flush(sender)
    with consumer("readers", login("alice")) as reader:
        reader.subscribe([TOPIC])
        read_to_end(reader, TOPIC)
        reader.commit(asynchronous=False)
    check(TOPIC)


def a_group_that_is_not_allowed():
    step("a group without a right: GROUP_AUTHORIZATION_FAILED")
    with consumer("strangers", login("alice")) as reader:
        reader.subscribe([TOPIC])
        error = until("an error", lambda: error_of(reader))
    expect("what the consumer is told", error, KafkaError.GROUP_AUTHORIZATION_FAILED)


def error_of(reader):
    message = reader.poll(0.1)
    return message.error().code() if message is not None and message.error() else None


def a_wrong_password():
    step("a wrong password: the connection is closed")
    errors = []
    sender = producer(login("alice", "guessed") | {"error_cb": errors.append})
    until("an error", lambda: sender.poll(0.1) or any(is_of_password(error) for error in errors))
    with_right_name = AdminClient({"bootstrap.servers": SERVERS} | login("alice"))
    expect("whether alice gets in with hers", TOPIC in with_right_name.list_topics().topics, True)


def is_of_password(error):
    return error.code() == KafkaError._AUTHENTICATION


def entries_are_taken_away(admin):
    step("entries taken away: what was allowed is refused again")
    gone = admin.delete_acls([everything()])
    expect("how many went", sum(len(future.result(PATIENCE_S)) for future in gone.values()), 3)

    def is_refused():
        try:
            return refused(producer(login("alice"))) == KafkaError.TOPIC_AUTHORIZATION_FAILED
        except KafkaException:
            return False

    until("the refusal", is_refused)


if __name__ == "__main__":
    main()
