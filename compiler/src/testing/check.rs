//! What is wrong with the tests of a file, the policies and statements that they name included.

use std::collections::{HashMap, HashSet};

use bumpalo::Bump;

use super::case::{TestBlock, TestExpect};
use super::expect::{NamedPolicy, NamedStatements};
use super::force::{PolicyInForce, in_force};
use super::{bound, read};
use crate::diagnostic::Diagnostic;
use crate::limits::NAME_SEARCHES_MAX;
use crate::read::Reader;
use crate::source::{Document, SourceId, Sources};
use crate::syntax::ast::Policy;

/// A test block, and the policies in force for it, by member and level.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// The block.
    pub block: TestBlock,
    /// The policies.
    pub policies: Vec<PolicyInForce>,
}

/// The tests of a file whose own policies are these, as far as they are understood, and what is wrong with them: with the
/// text, with the policies that `under` names, with the statements that `by` names. `sources` hold all that is named.
pub fn check(
    source: SourceId,
    own: &[Document],
    sources: &Sources,
    reader: &mut Reader<'_>,
) -> (Vec<Test>, Vec<Diagnostic>) {
    let (blocks, mut found) = read(&reader.files().tree(source));
    let mut known: HashMap<(SourceId, u32), Vec<Option<String>>> = HashMap::new();
    let mut tests = Vec::new();
    for block in blocks {
        match in_force(&block, source, own, sources, reader.files()) {
            Ok(policies) => tests.push(Test { block, policies }),
            Err(errors) => found.extend(errors),
        }
    }
    for policy in tests.iter().filter(|test| names_statements(test)).flat_map(|test| &test.policies) {
        known.entry(key(policy)).or_insert_with(|| {
            let arena = Bump::new();
            reader.read(&policy.document, &arena).0.as_ref().map_or_else(Vec::new, sids)
        });
    }
    found.extend(unknown_statements(&tests, &known));
    let mut seen = HashSet::new();
    found.retain(|one| seen.insert((one.span, one.message.clone())));
    found.sort_by_key(|one| one.span);
    bound(&mut found);
    (tests, found)
}

fn key(policy: &PolicyInForce) -> (SourceId, u32) {
    (policy.document.source, policy.document.range.start)
}

fn names_statements(test: &Test) -> bool {
    test.block.cases.iter().any(|case| matches!(case.expect, TestExpect::Decision(_, Some(_))))
}

/// What is wrong with the names behind `by`. Tests under the same policies are looked at together, and a name that each
/// row of a table repeats is looked up once.
fn unknown_statements(tests: &[Test], known: &HashMap<(SourceId, u32), Vec<Option<String>>>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut searches_left = NAME_SEARCHES_MAX;
    let mut named: HashMap<Vec<(SourceId, u32)>, NamedStatements<'_>> = HashMap::new();
    for test in tests.iter().filter(|test| names_statements(test)) {
        let named = named.entry(test.policies.iter().map(key).collect()).or_insert_with(|| {
            let policies = test.policies.iter().map(|it| NamedPolicy::new(&it.document, &known[&key(it)]));
            NamedStatements::new(policies.collect())
        });
        let mut seen = HashSet::new();
        for case in &test.block.cases {
            let TestExpect::Decision(_, Some(by)) = &case.expect else { continue };
            let by = by.iter().filter(|name| seen.insert((name.span, name.text.as_str())));
            found.extend(by.filter_map(|name| named.find(name, &mut searches_left).err()).map(|error| *error));
        }
    }
    found
}

/// The Sid of each statement of a policy, `None` where it has none (SID-1).
pub fn sids(policy: &Policy<'_>) -> Vec<Option<String>> {
    let statements = policy.statements.and_then(|element| element.value).unwrap_or_default();
    let sid = |sid: &str| Some(sid.to_owned()).filter(|sid| !sid.is_empty());
    statements.iter().map(|it| it.sid.and_then(|element| element.value).and_then(|text| sid(text.text))).collect()
}
