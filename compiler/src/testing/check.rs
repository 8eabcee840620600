//! What is wrong with the tests of a file, the policies and statements that they name included.

use std::collections::{HashMap, HashSet};

use bumpalo::Bump;

use super::case::{TestBlock, TestExpect};
use super::expect::{NamedPolicy, find_statement};
use super::force::{PolicyInForce, in_force};
use super::{bound, read};
use crate::diagnostic::Diagnostic;
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
        let policies = match in_force(&block, source, own, sources, reader.files()) {
            Ok(policies) => policies,
            Err(errors) => {
                found.extend(errors);
                continue;
            }
        };
        let key = |policy: &PolicyInForce| (policy.document.source, policy.document.range.start);
        for policy in &policies {
            known.entry(key(policy)).or_insert_with(|| {
                let arena = Bump::new();
                reader.read(&policy.document, &arena).0.as_ref().map_or_else(Vec::new, sids)
            });
        }
        let named: Vec<NamedPolicy<'_>> = policies
            .iter()
            .map(|policy| NamedPolicy { name: &policy.document.name, sids: &known[&key(policy)] })
            .collect();
        for case in &block.cases {
            if let TestExpect::Decision(_, Some(by)) = &case.expect {
                let errors = by.iter().filter_map(|name| find_statement(name, &named).err());
                found.extend(errors.map(|error| *error));
            }
        }
        tests.push(Test { block, policies });
    }
    let mut seen = HashSet::new();
    found.retain(|one| seen.insert((one.span, one.message.clone())));
    found.sort_by_key(|one| one.span);
    bound(&mut found);
    (tests, found)
}

/// The Sid of each statement of a policy, `None` where it has none (SID-1).
pub fn sids(policy: &Policy<'_>) -> Vec<Option<String>> {
    let statements = policy.statements.and_then(|element| element.value).unwrap_or_default();
    let sid = |sid: &str| Some(sid.to_owned()).filter(|sid| !sid.is_empty());
    statements.iter().map(|it| it.sid.and_then(|element| element.value).and_then(|text| sid(text.text))).collect()
}
