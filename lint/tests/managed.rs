//! What is said of the policies that AWS manages: grave findings are few, and each was looked at.

use std::collections::BTreeMap;

use dictum_compiler::diagnostic::Severity;
use dictum_corpus::data;
use dictum_lint::{Options, lint};

/// Of so many policies one is looked at.
const EACH: usize = 3;

#[test]
fn grave_findings_about_managed_policies_are_few() {
    let Some(folder) = data::folder() else {
        eprintln!("skipped: no data folder");
        return;
    };
    let all = data::managed_policies(&folder).unwrap();
    let some: Vec<&(String, String)> = all.iter().step_by(EACH).collect();
    let findings = lint(&data::identity_policies(some.iter().copied()), &Options::default());
    let mut report: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for finding in &findings {
        let diagnostic = &finding.diagnostic;
        assert!(diagnostic.severity < Severity::Error, "{diagnostic}");
        let is_ours =
            ["L-PASS-ROLE", "L-FORALL-SINGLE", "L-TAG"].iter().any(|it| diagnostic.code.name().starts_with(it));
        if diagnostic.severity == Severity::Security && is_ours {
            report.entry(diagnostic.code.name()).or_default().push(diagnostic.policy.as_deref().unwrap_or(""));
        }
    }
    insta::assert_debug_snapshot!(report);
}
