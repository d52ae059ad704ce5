//! Who a client is, what it is allowed, and the entries that say so.

use bytes::Bytes;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::ApiKey;
use highwater_cluster::protocol::messages::create_acls_request::AclCreation;
use highwater_cluster::protocol::messages::delete_acls_request::DeleteAclsFilter;
use highwater_cluster::protocol::protocol::{Decodable, StrBytes};

use super::{Connection, check_over, name, one_record};

/// What the protocol says in numbers: a topic, its very name, all, reading, allowing, any.
const TOPIC: i8 = 2;
const LITERAL: i8 = 3;
const READ: i8 = 3;
const WRITE: i8 = 4;
const ALLOW: i8 = 3;
const ANY: i8 = 1;
/// `TOPIC_AUTHORIZATION_FAILED`, `SASL_AUTHENTICATION_FAILED`
const TOPIC_DENIED: i16 = 29;
const NOT_BELIEVED: i16 = 58;

const AUTHORIZER: (&str, &str) =
    ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
const USERS: (&str, &str) = (
    "listener.name.sasl_plaintext.plain.sasl.jaas.config",
    "org.apache.kafka.common.security.plain.PlainLoginModule required user_alice=\"alice-secret\";",
);

fn text(text: &'static str) -> StrBytes {
    StrBytes::from_static_str(text)
}

/// A connection of somebody who may do everything, with one entry.
fn with_an_entry() -> Connection {
    let mut connection = Connection::with(&[AUTHORIZER, ("super.users", "User:ANONYMOUS")]);
    let mut answer = connection.ask(&creation(WRITE), ApiKey::CreateAcls, 3);
    let body = kafka::CreateAclsResponse::decode(&mut answer, 3).expect("an answer");
    assert_eq!(body.results[0].error_code, 0, "{body:?}");
    connection
}

fn creation(operation: i8) -> kafka::CreateAclsRequest {
    let entry = AclCreation::default()
        .with_resource_type(TOPIC)
        .with_resource_name(text("orders"))
        .with_resource_pattern_type(LITERAL)
        .with_principal(text("User:alice"))
        .with_host(text("*"))
        .with_operation(operation)
        .with_permission_type(ALLOW);
    kafka::CreateAclsRequest::default().with_creations(vec![entry])
}

#[test]
fn entries_are_made_listed_and_deleted() {
    check_over(
        with_an_entry,
        ApiKey::CreateAcls,
        |_| creation(READ),
        |_, body: &kafka::CreateAclsResponse| {
            body.results.len() == 1 && body.results[0].error_code == 0
        },
    );
    check_over(
        with_an_entry,
        ApiKey::DescribeAcls,
        |_| {
            kafka::DescribeAclsRequest::default()
                .with_resource_type_filter(ANY)
                .with_resource_name_filter(None)
                .with_pattern_type_filter(ANY)
                .with_principal_filter(None)
                .with_host_filter(None)
                .with_operation(ANY)
                .with_permission_type(ANY)
        },
        |_, body: &kafka::DescribeAclsResponse| {
            let resource = &body.resources[0];
            body.error_code == 0
                && &*resource.resource_name == "orders"
                && resource.acls.len() == 1
                && &*resource.acls[0].principal == "User:alice"
                && resource.acls[0].operation == WRITE
        },
    );
    check_over(
        with_an_entry,
        ApiKey::DeleteAcls,
        |_| {
            let filter = DeleteAclsFilter::default()
                .with_resource_type_filter(TOPIC)
                .with_resource_name_filter(Some(text("orders")))
                .with_pattern_type_filter(LITERAL)
                .with_principal_filter(None)
                .with_host_filter(None)
                .with_operation(ANY)
                .with_permission_type(ANY);
            kafka::DeleteAclsRequest::default().with_filters(vec![filter])
        },
        |_, body: &kafka::DeleteAclsResponse| {
            body.filter_results[0].error_code == 0
                && body.filter_results[0].matching_acls.len() == 1
        },
    );
}

#[test]
fn a_client_says_who_it_is_and_may_do_what_that_user_may() {
    let log_in = |super_user: &'static str| {
        let mut connection = Connection::with(&[AUTHORIZER, USERS, ("super.users", super_user)]);
        let handshake = kafka::SaslHandshakeRequest::default().with_mechanism(text("PLAIN"));
        let mut answer = connection.ask(&handshake, ApiKey::SaslHandshake, 1);
        let body = kafka::SaslHandshakeResponse::decode(&mut answer, 1).expect("an answer");
        assert_eq!((body.error_code, body.mechanisms), (0, vec![text("PLAIN")]));
        let token = Bytes::from_static(b"\0alice\0alice-secret");
        let login = kafka::SaslAuthenticateRequest::default().with_auth_bytes(token);
        let mut answer = connection.ask(&login, ApiKey::SaslAuthenticate, 2);
        let body = kafka::SaslAuthenticateResponse::decode(&mut answer, 2).expect("an answer");
        assert_eq!(body.error_code, 0, "{body:?}");
        connection
    };
    let produced = |connection: &mut Connection| {
        let mut answer = connection.ask(&one_record(), ApiKey::Produce, 12);
        let body = kafka::ProduceResponse::decode(&mut answer, 12).expect("an answer");
        assert_eq!(body.responses[0].name, name("orders"));
        body.responses[0].partition_responses[0].error_code
    };
    // The topic is made before anybody logs in, by User:ANONYMOUS.
    assert_eq!(produced(&mut log_in("User:ANONYMOUS;User:alice")), 0);
    assert_eq!(produced(&mut log_in("User:ANONYMOUS")), TOPIC_DENIED);
}

#[test]
fn a_wrong_password_and_a_listener_without_users_are_refused() {
    let mut connection = Connection::with(&[USERS]);
    let token = Bytes::from_static(b"\0alice\0guessed");
    let login = kafka::SaslAuthenticateRequest::default().with_auth_bytes(token);
    let mut answer = connection.ask(&login, ApiKey::SaslAuthenticate, 2);
    let body = kafka::SaslAuthenticateResponse::decode(&mut answer, 2).expect("an answer");
    assert_eq!(body.error_code, NOT_BELIEVED);
    assert_eq!(
        body.error_message.as_deref(),
        Some("Authentication failed: Invalid username or password")
    );
    let handshake = kafka::SaslHandshakeRequest::default().with_mechanism(text("PLAIN"));
    let mut answer = Connection::open().ask(&handshake, ApiKey::SaslHandshake, 1);
    let body = kafka::SaslHandshakeResponse::decode(&mut answer, 1).expect("an answer");
    assert_eq!(body.error_code, 34, "ILLEGAL_SASL_STATE");
}
