//! From a case to its answer by the reference: the compiler says whether the policies are valid, the reference decides.

use std::ops::Range;

use bumpalo::Bump;
use dictum_compiler::limits::NESTING_MAX;
use dictum_compiler::source::{PolicyType, SourceId, Sources};
use dictum_compiler::syntax::json;
use dictum_compiler::{Diagnostics, resolve_document};

use crate::answer::{Answer, CodedError, ErrorKind, Label, Layer, Member};
use crate::case::{Case, Entry, Language, Origin, Policies};
use crate::directory::Organization;
use crate::reference::{self, PolicyDocument, PolicySet};
use crate::request::{self, RequestError, SessionRecord};

/// The type a member's policies are validated under (9.8).
pub const fn policy_type(member: Member) -> PolicyType {
    match member {
        Member::Identity => PolicyType::Identity,
        Member::Resource => PolicyType::Resource,
        Member::Boundary => PolicyType::Boundary,
        Member::Session => PolicyType::Session,
        Member::Scp => PolicyType::Scp,
        Member::Rcp => PolicyType::Rcp,
    }
}

/// The policies as the compiler takes them: every document a file of its own, named as the policy is; the file of the
/// policy with index `i` has the id `i`.
pub fn sources(policies: &Policies) -> Sources {
    sources_of(policies, |sources, entry| {
        let file = match &entry.origin {
            Origin::Language(language) => return place_language(sources, language),
            // At no path of a tree: whatever a policy is called, it is JSON, and no import leads to it.
            _ => sources.add_file_at(&entry.name, "", entry.document.clone()),
        };
        (file, sources.whole(file))
    })
}

/// Takes the file of a policy in the Dictum language in, and says where in it the policy stands. What the file imports
/// comes behind all files of entries, by [`sources_of`].
pub fn place_language(sources: &mut Sources, language: &Language) -> (SourceId, Range<u32>) {
    let file = &language.sources.file(language.document.source);
    let id = sources.add_file_at(&file.name, &file.path, file.text());
    (id, language.document.range.clone())
}

/// The policies as the compiler takes them; `place` adds what file it needs, and says where in it an entry stands.
pub fn sources_of(
    policies: &Policies,
    mut place: impl FnMut(&mut Sources, &Entry) -> (SourceId, Range<u32>),
) -> Sources {
    let mut sources = Sources::new();
    for member in Member::ALL {
        let Some(levels) = policies.levels(member) else { continue };
        sources.add_member(policy_type(member));
        for level in 0..levels {
            if member.has_levels() {
                sources.add_level(policy_type(member));
            }
            for entry in policies.entries.iter().filter(|it| it.layer.member == member && it.layer.level == level) {
                let (file, range) = place(&mut sources, entry);
                sources.add(policy_type(member), &entry.name, file, range);
            }
        }
    }
    let languages = policies.entries.iter().filter_map(|entry| match &entry.origin {
        Origin::Language(language) => Some(language),
        _ => None,
    });
    for import in languages.flat_map(|language| &language.sources.files) {
        if sources.files.iter().all(|file| file.path != import.path) {
            sources.files.push(import.clone());
        }
    }
    sources
}

/// Every error of every policy, policy by policy, each in the order of its document (ERR-1).
pub fn policy_errors(policies: &Policies) -> Vec<CodedError> {
    let sources = sources(policies);
    let diagnostics = sources.documents().flat_map(|document| {
        let (_, diagnostics) = resolve_document(&sources, document);
        diagnostics.into_iter().filter(|diagnostic| diagnostic.is_error())
    });
    diagnostics
        .map(|diagnostic| CodedError {
            code: diagnostic.code.name().to_owned(),
            message: format!("policy `{}`: {}", diagnostic.policy.unwrap_or_default(), diagnostic.message),
        })
        .collect()
}

/// Valid policies as the reference takes them.
///
/// # Panics
/// Where a document is no JSON.
pub fn policy_set<'a>(policies: &'a Policies, arena: &'a Bump) -> PolicySet<'a> {
    let document = |entry: &'a Entry| PolicyDocument {
        name: &entry.name,
        layer: entry.layer,
        document: json::parse(&entry.document, 0, SourceId::default(), arena, NESTING_MAX)
            .expect("a valid policy is JSON"),
    };
    PolicySet { documents: policies.entries.iter().map(document).collect(), levels: policies.levels }
}

/// The reference's answer to a case, and what an output line needs to name statements: no labels where a policy is not
/// valid. Policy errors come before request errors (ERR-1).
pub fn by_reference(case: &Case) -> (Answer, Vec<Label>) {
    if let Some(organization) = &case.organization {
        return in_organization(organization, &case.request);
    }
    let errors = policy_errors(&case.policies);
    if !errors.is_empty() {
        return (Answer::Error(ErrorKind::Policy, errors), Vec::new());
    }
    let arena = Bump::new();
    let set = policy_set(&case.policies, &arena);
    (answer(&set, &case.request), set.labels())
}

/// The reference's answer to the JSON text of a request in bundle mode. Whether the entities fit together, the compiler says.
pub fn in_organization(organization: &Organization, request: &str) -> (Answer, Vec<Label>) {
    if let Err(diagnostics) = organization.bundle() {
        return (Answer::Error(ErrorKind::Policy, coded(diagnostics)), Vec::new());
    }
    let arena = Bump::new();
    let known = reference::Organization::new(organization.directory(), organization.texts(), &arena);
    answer_in(&known, request)
}

/// The reference's answer to the JSON text of a request in an organization, and what an output line needs to name statements.
pub fn answer_in(organization: &reference::Organization<'_>, request: &str) -> (Answer, Vec<Label>) {
    let request = match request::parse(request) {
        Ok(request) => request,
        Err(error) => return (error.into(), Vec::new()),
    };
    let policies = request.session.as_ref().map_or_else(Policies::default, session_policies);
    let errors = policy_errors(&policies);
    if !errors.is_empty() {
        return (Answer::Error(ErrorKind::Policy, errors), Vec::new());
    }
    let arena = Bump::new();
    let session = policy_set(&policies, &arena).documents;
    let answer = match reference::decide_in(organization, &session, &request) {
        Ok(outcome) => Answer::Decision(outcome.decision, outcome.by),
        Err(error) => error.into(),
    };
    (answer, organization.labels(&session))
}

/// The session policies of a record.
fn session_policies(record: &SessionRecord) -> Policies {
    let entry = |(name, text): &(String, String)| Entry {
        name: name.clone(),
        layer: Layer { member: Member::Session, level: 0 },
        document: text.clone().into_bytes(),
        origin: Origin::Text,
    };
    let mut policies = Policies { entries: record.policies.iter().map(entry).collect(), ..Policies::default() };
    policies.levels[Member::Session as usize] = Some(1);
    policies
}

/// The errors of a compilation, as answers carry them; warnings left out.
pub fn coded(diagnostics: &Diagnostics) -> Vec<CodedError> {
    let errors = diagnostics.0.iter().filter(|diagnostic| diagnostic.is_error());
    errors
        .map(|diagnostic| CodedError { code: diagnostic.code.name().into(), message: diagnostic.message.clone() })
        .collect()
}

impl From<RequestError> for Answer {
    fn from(error: RequestError) -> Answer {
        let error = CodedError { code: RequestError::CODE.to_owned(), message: error.to_string() };
        Answer::Error(ErrorKind::Request, vec![error])
    }
}

/// The reference's answer to the JSON text of a request, over policies that are valid.
pub fn answer(set: &PolicySet<'_>, request: &str) -> Answer {
    match request::parse(request).and_then(|request| reference::decide(set, &request)) {
        Ok(outcome) => Answer::Decision(outcome.decision, outcome.by),
        Err(error) => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::World;

    #[test]
    fn sources_have_every_policy_at_its_index() {
        for seed in 0..200 {
            let case = World::from_seed(seed).case();
            let sources = sources(&case.policies);
            for (index, (document, entry)) in sources.documents().zip(&case.policies.entries).enumerate() {
                assert_eq!((document.source.0 as usize, &document.name), (index, &entry.name));
                assert_eq!(sources.text(document), entry.document);
            }
            assert_eq!(sources.files.len(), case.policies.entries.len());
            let levels = sources.scp.as_ref().map(|levels| levels.len() as u32);
            assert_eq!(levels, case.policies.levels(Member::Scp), "seed {seed}");
        }
    }
}
