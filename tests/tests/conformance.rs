//! Every family of recordings passes, but for what differs on purpose.

use highwater_tests::conformance::{Differences, FAMILIES, recordings};

#[test]
fn every_family_behaves_as_recorded() {
    let known = Differences::known().expect("tests/known-differences.toml can be read");
    let mut failed = String::new();
    let mut differing = Vec::new();
    for family in FAMILIES {
        let report = family.replay(&recordings(), &known);
        assert!(report.replayed() > 0, "{}: nothing was replayed", family.name);
        if !report.failures.is_empty() {
            failed += &format!("{report}\n");
        }
        differing.extend(report.differing.into_iter().map(|failure| (family.name, failure)));
    }
    assert!(failed.is_empty(), "{failed}");
    for known in known.iter() {
        let is_seen = differing.iter().any(|(family, failure)| known.explains(family, failure));
        assert!(is_seen, "this difference is no longer seen, remove it: {known:?}");
    }
}
