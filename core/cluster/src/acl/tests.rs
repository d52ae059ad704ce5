//! The rules, case by case and against a naive model.

use proptest::prelude::*;

use super::*;

/// Reads `allow User:alice READ topic orders`, with `orders*` for a prefix and `@host` for one host.
fn acl(line: &str) -> Acl {
    let words: Vec<&str> = line.split(' ').collect();
    let [permission, principal, operation, resource, name] = words[..5] else {
        panic!("five words: {line}")
    };
    let (name, pattern_type) = match name.strip_suffix('*').filter(|name| !name.is_empty()) {
        Some(prefix) => (prefix, PatternType::Prefixed),
        None => (name, PatternType::Literal),
    };
    let host = words.get(5).map_or(WILDCARD, |host| host.trim_start_matches('@'));
    Acl {
        pattern: ResourcePattern {
            resource_type: resource_type(resource),
            name: name.into(),
            pattern_type,
        },
        entry: AccessControlEntry {
            principal: Principal::parse(principal).expect("a principal"),
            host: host.into(),
            operation: Operation::named(operation).expect("an operation"),
            permission: if permission == "deny" { Permission::Deny } else { Permission::Allow },
        },
    }
}

fn resource_type(word: &str) -> ResourceType {
    let mut all = ResourceType::ALL.iter().copied();
    all.find(|kind| kind.name().eq_ignore_ascii_case(word)).expect("a resource")
}

/// What `User:alice`, on 10.0.0.1, is told who wants an operation on a resource.
fn ruling(settings: &[(&str, &str)], acls: &[&str], wanted: &str) -> Ruling {
    let config = |name: &str| settings.iter().find(|(known, _)| *known == name).map(|it| it.1);
    let with_class = |name: &str| match name {
        "authorizer.class.name" => Some(STANDARD_AUTHORIZER),
        name => config(name),
    };
    let authorizer = Authorizer::of(with_class).expect("a class is named");
    let acls: Vec<Acl> = acls.iter().map(|line| acl(line)).collect();
    let words: Vec<&str> = wanted.split(' ').collect();
    let alice = Principal::user("alice");
    let action = Action {
        principal: &alice,
        host: "10.0.0.1",
        operation: Operation::named(words[0]).expect("an operation"),
        resource: resource_type(words[1]),
        name: words[2],
    };
    authorizer.authorize(acls.iter(), &action)
}

#[test]
fn the_rules_of_the_standard_authorizer() {
    let check = |acls: &[&str], wanted: &str, expected: bool| {
        assert_eq!(ruling(&[], acls, wanted).is_allowed(), expected, "{acls:?}: {wanted}");
    };
    let read = "READ topic orders";
    check(&[], read, false);
    check(&["allow User:alice READ topic orders"], read, true);
    check(&["allow User:bob READ topic orders"], read, false);
    check(&["allow User:alice READ topic orders-2"], read, false);
    check(&["allow User:alice READ group orders"], read, false);
    // Everybody, every name, every operation, a prefix.
    check(&["allow User:* READ topic orders"], read, true);
    check(&["allow User:alice READ topic *"], read, true);
    check(&["allow User:alice ALL topic orders"], read, true);
    check(&["allow User:alice READ topic ord*"], read, true);
    check(&["allow User:alice READ topic ordering*"], read, false);
    // Hosts.
    check(&["allow User:alice READ topic orders @10.0.0.1"], read, true);
    check(&["allow User:alice READ topic orders @10.0.0.2"], read, false);
    // A denial outweighs whatever allows, however much more that says.
    check(
        &["allow User:alice READ topic orders", "deny User:alice READ topic orders"],
        read,
        false,
    );
    check(&["deny User:* ALL topic o*", "allow User:alice READ topic orders"], read, false);
    check(&["allow User:alice ALL topic *", "deny User:alice WRITE topic orders"], read, true);
    check(
        &["allow User:alice READ topic *", "deny User:alice READ topic orders @10.0.0.2"],
        read,
        true,
    );
    // Who may read, write, delete or alter may know that it is there.
    let describe = "DESCRIBE topic orders";
    for operation in ["READ", "WRITE", "DELETE", "ALTER", "DESCRIBE", "ALL"] {
        check(&[&format!("allow User:alice {operation} topic orders")], describe, true);
    }
    check(&["allow User:alice CREATE topic orders"], describe, false);
    check(&["allow User:alice ALTER_CONFIGS topic orders"], "DESCRIBE_CONFIGS topic orders", true);
    check(&["allow User:alice ALTER topic orders"], "DESCRIBE_CONFIGS topic orders", false);
    // Who is denied one of these may know all the same.
    check(
        &["deny User:alice READ topic orders", "allow User:alice WRITE topic orders"],
        describe,
        true,
    );
}

#[test]
fn super_users_and_what_no_entry_is_about() {
    let check = |settings: &[(&str, &str)], acls: &[&str], expected: &str| {
        let said = ruling(settings, acls, "READ topic orders").to_string();
        assert_eq!(said, expected, "{settings:?} {acls:?}");
    };
    let deny = ["deny User:alice ALL topic *"];
    check(&[("super.users", "User:root; User:alice")], &deny, "SuperUser");
    check(&[], &deny, "MatchingAcl(denies User:alice ALL on topic *)");
    check(&[], &[], "DefaultDeny");
    let open = [("allow.everyone.if.no.acl.found", "true")];
    check(&open, &[], "DefaultAllow");
    check(&open, &["allow User:bob READ topic payments"], "DefaultAllow");
    check(&open, &["allow User:bob READ topic orders"], "DefaultDeny");
    check(&open, &["allow User:bob READ topic ord*"], "DefaultDeny");
}

#[test]
fn who_may_write_to_any_topic_may_be_idempotent() {
    let authorizer = Authorizer::of(|name| (name == "authorizer.class.name").then_some("x"));
    let authorizer = authorizer.expect("a class is named");
    let alice = Principal::user("alice");
    let check = |lines: &[&str], expected: bool| {
        let acls: Vec<Acl> = lines.iter().map(|line| acl(line)).collect();
        let (resource, operation) = (ResourceType::Topic, Operation::Write);
        let action = Action { principal: &alice, host: "10.0.0.1", operation, resource, name: "" };
        assert_eq!(authorizer.authorize_any(acls.iter(), &action), expected, "{lines:?}");
    };
    check(&[], false);
    check(&["allow User:alice WRITE topic a"], true);
    check(&["allow User:alice READ topic a"], false);
    check(&["allow User:alice WRITE topic a", "deny User:alice WRITE topic a"], false);
    check(&["allow User:alice WRITE topic a", "deny User:alice WRITE topic *"], false);
    check(&["allow User:alice WRITE topic *", "deny User:alice WRITE topic a"], true);
    check(&["allow User:alice WRITE topic ab*", "deny User:alice WRITE topic a*"], false);
    check(&["allow User:alice WRITE topic ab*", "deny User:alice WRITE topic ab"], true);
}

#[test]
fn filters_mean_patterns_by_their_names_or_by_what_they_cover() {
    let check = |pattern_type, name: Option<&str>, expected: &[&str]| {
        let all = [
            "allow User:a READ topic orders",
            "allow User:a READ topic ord*",
            "allow User:a READ topic *",
        ];
        let filter = AclFilter::on(PatternFilter {
            resource_type: ResourceType::Topic,
            name: name.map(Into::into),
            pattern_type,
        });
        let meant = all.into_iter().filter(|line| filter.matches(&acl(line)));
        assert_eq!(meant.collect::<Vec<_>>(), expected, "{pattern_type} {name:?}");
    };
    let [literal, prefix, wildcard] = [
        "allow User:a READ topic orders",
        "allow User:a READ topic ord*",
        "allow User:a READ topic *",
    ];
    check(PatternType::Literal, Some("orders"), &[literal]);
    check(PatternType::Literal, None, &[literal, wildcard]);
    check(PatternType::Prefixed, Some("ord"), &[prefix]);
    check(PatternType::Any, Some("ord"), &[prefix]);
    check(PatternType::Any, None, &[literal, prefix, wildcard]);
    check(PatternType::Match, Some("orders"), &[literal, prefix, wildcard]);
    check(PatternType::Match, Some("other"), &[wildcard]);
}

#[test]
fn names_are_printed_as_the_tools_print_them() {
    let acl = acl("allow User:alice DESCRIBE_CONFIGS transactional_id t*");
    assert_eq!(
        acl.pattern.to_string(),
        "ResourcePattern(resourceType=TRANSACTIONAL_ID, name=t, patternType=PREFIXED)"
    );
    assert_eq!(
        acl.entry.to_string(),
        "(principal=User:alice, host=*, operation=DESCRIBE_CONFIGS, permissionType=ALLOW)"
    );
    assert_eq!(Operation::named("describeConfigs"), Some(Operation::DescribeConfigs));
    assert_eq!(Operation::IdempotentWrite.title(), "IdempotentWrite");
    assert_eq!(ResourceType::TransactionalId.title(), "TransactionalId");
}

/// Entries about few principals, names and operations, so that they meet often.
fn acls() -> impl Strategy<Value = Vec<Acl>> {
    let principal = prop::sample::select(vec!["alice", "bob", "*"]);
    let name = prop::sample::select(vec!["a", "ab", "abc", "b", "*"]);
    let operation = prop::sample::select(vec![
        Operation::All,
        Operation::Read,
        Operation::Write,
        Operation::Describe,
        Operation::AlterConfigs,
        Operation::DescribeConfigs,
    ]);
    let host = prop::sample::select(vec!["10.0.0.1", "10.0.0.2", "*"]);
    let one = (principal, name, operation, host, any::<bool>(), any::<bool>());
    let one = one.prop_map(|(principal, name, operation, host, is_prefix, is_denial)| Acl {
        pattern: ResourcePattern {
            resource_type: ResourceType::Topic,
            name: name.into(),
            pattern_type: if is_prefix { PatternType::Prefixed } else { PatternType::Literal },
        },
        entry: AccessControlEntry {
            principal: Principal::user(principal),
            host: host.into(),
            operation,
            permission: if is_denial { Permission::Deny } else { Permission::Allow },
        },
    });
    prop::collection::vec(one, 0..8)
}

/// The same rules, said the long way: all that an entry speaks of is spelled out, then looked up.
fn naive(acls: &[Acl], operation: Operation, name: &str, is_open: bool) -> bool {
    let names = ["a", "ab", "abc", "b", "c"];
    let spelled_out = |acl: &Acl| -> Vec<(&str, Operation, Permission)> {
        let entry = &acl.entry;
        if ![Principal::user("alice"), Principal::user("*")].contains(&entry.principal) {
            return Vec::new();
        }
        if !["10.0.0.1", "*"].contains(&&*entry.host) {
            return Vec::new();
        }
        let mut operations = vec![entry.operation];
        if entry.operation == Operation::All {
            operations = Operation::ALL.to_vec();
        } else if entry.permission == Permission::Allow {
            operations.extend(match entry.operation {
                Operation::Read | Operation::Write => Some(Operation::Describe),
                Operation::AlterConfigs => Some(Operation::DescribeConfigs),
                _ => None,
            });
        }
        let meant = names.into_iter().filter(|name| is_meant(acl, name));
        meant
            .flat_map(|name| operations.iter().map(move |it| (name, *it, entry.permission)))
            .collect()
    };
    fn is_meant(acl: &Acl, name: &str) -> bool {
        match (acl.pattern.pattern_type, &*acl.pattern.name) {
            (PatternType::Literal, "*") => true,
            (PatternType::Literal, own) => own == name,
            (_, prefix) => name.len() >= prefix.len() && &name[..prefix.len()] == prefix,
        }
    }
    let all: Vec<_> = acls.iter().flat_map(spelled_out).collect();
    let has_any = acls.iter().any(|acl| is_meant(acl, name));
    if all.contains(&(name, operation, Permission::Deny)) {
        return false;
    }
    all.contains(&(name, operation, Permission::Allow)) || (is_open && !has_any)
}

proptest! {
    #[test]
    fn the_authorizer_is_right_as_the_naive_model_is(
        acls in acls(),
        operation in prop::sample::select(vec![
            Operation::Read, Operation::Write, Operation::Describe, Operation::DescribeConfigs,
        ]),
        name in prop::sample::select(vec!["a", "ab", "abc", "b", "c"]),
        is_open in any::<bool>(),
    ) {
        let config = |wanted: &str| match wanted {
            "authorizer.class.name" => Some("x"),
            "allow.everyone.if.no.acl.found" => Some(if is_open { "true" } else { "false" }),
            _ => None,
        };
        let authorizer = Authorizer::of(config).expect("a class is named");
        let alice = Principal::user("alice");
        let action = Action {
            principal: &alice, host: "10.0.0.1", operation, resource: ResourceType::Topic, name,
        };
        let said = authorizer.authorize(acls.iter(), &action).is_allowed();
        prop_assert_eq!(said, naive(&acls, operation, name, is_open));
        let backwards = authorizer.authorize(acls.iter().rev(), &action).is_allowed();
        prop_assert_eq!(said, backwards);
    }
}
