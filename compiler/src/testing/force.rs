//! Which policies a test puts in force: those of its file, each in its type, but for the members that `under` names.

use super::case::{PolicyReference, TestBlock};
use super::row::{RULE, one_of};
use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::expand::{Files, policies_of, tree_path};
use crate::source::{Document, Notation, PolicyType, SourceId, Sources, Span};

/// A policy in force; its document has the type it is in force as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyInForce {
    /// The level of an scp or rcp; 0 for other members.
    pub level: u32,
    /// The policy.
    pub document: Document,
}

/// The policies that are in force for a test of a file whose own policies are these, by member and level; members that are
/// present. `sources` hold the file and all that it names.
///
/// # Errors
/// A policy that is not there, for each of its places.
pub fn in_force(
    block: &TestBlock,
    source: SourceId,
    own: &[Document],
    sources: &Sources,
    files: &mut Files<'_>,
) -> Result<Vec<PolicyInForce>, Vec<Diagnostic>> {
    let is_replaced = |policy_type: PolicyType| block.under.iter().any(|it| member(it.member) == member(policy_type));
    let kept = own.iter().filter(|document| !is_replaced(document.policy_type));
    let mut found: Vec<PolicyInForce> =
        kept.map(|document| PolicyInForce { level: 0, document: document.clone() }).collect();
    let mut errors = Vec::new();
    for under in &block.under {
        let document = match &under.policy {
            PolicyReference::Path { span, path, policy } => {
                at_path(*span, path, policy.as_deref(), source, sources, files)
            }
            PolicyReference::Name { span, text } => named(*span, text, source, own, sources, files),
        };
        match document {
            Ok(mut document) => {
                // What a role trusts stands among the resource policies, and stays what it is.
                if !(under.member == PolicyType::Resource && document.policy_type == PolicyType::Trust) {
                    document.policy_type = under.member;
                }
                found.push(PolicyInForce { level: under.level, document });
            }
            Err(error) => errors.push(*error),
        }
    }
    found.sort_by_key(|policy| (member(policy.document.policy_type), policy.level));
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}

/// The member of a case that policies of a type stand in.
const fn member(policy_type: PolicyType) -> PolicyType {
    match policy_type {
        PolicyType::Trust => PolicyType::Resource,
        other => other,
    }
}

/// The name of a policy that is a file as a whole.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn at_path(
    span: Span,
    path: &str,
    policy: Option<&str>,
    source: SourceId,
    sources: &Sources,
    files: &mut Files<'_>,
) -> Result<Document, Box<Diagnostic>> {
    let fault = |message: String| Diagnostic::new(Code::E_IMPORT, span, RULE, message);
    let inside = tree_path(&sources.file(source).path, path);
    let inside = inside.map_err(|why| fault(format!("the path `{}` {why}", shown(path))))?;
    let Some(found) = files.source_at(&inside) else {
        let others = sources.files.iter().filter(|file| file.path != sources.file(source).path);
        let near = nearest(&inside, others.map(|file| file.path.as_str()));
        return Err(fault(format!("no file `{}`", shown(path))).did_you_mean(near).into());
    };
    if sources.file(found).notation == Notation::Json {
        let (name, range) = (stem(&inside).to_owned(), sources.whole(found));
        return Ok(Document { name, policy_type: PolicyType::Identity, source: found, range });
    }
    let policies = policies_of(sources, found, stem(&inside), None);
    match (policies.as_slice(), policy) {
        (_, Some(name)) => pick(span, name, &policies, &format!("`{}` has no policy", shown(path))),
        ([only], None) => Ok(only.clone()),
        ([], None) => Err(fault(format!("the file `{}` holds no policy", shown(path))).into()),
        (several, None) => {
            let names: Vec<String> = several.iter().map(|policy| format!("{path}#{}", policy.name)).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            Err(fault(format!("the file `{}` holds several policies", shown(path))).expected(one_of(&names)).into())
        }
    }
}

fn named(
    span: Span,
    text: &str,
    source: SourceId,
    own: &[Document],
    sources: &Sources,
    files: &mut Files<'_>,
) -> Result<Document, Box<Diagnostic>> {
    if let Some(document) = own.iter().find(|document| document.name == text) {
        return Ok(document.clone());
    }
    if let Some((import, name)) = text.split_once('.')
        && let Some(found) = files.imported(source, import)
    {
        let policies = policies_of(sources, found, stem(&sources.file(found).path), None);
        return pick(span, name, &policies, &format!("`{import}` has no policy"));
    }
    let mut error = pick(span, text, own, "no policy").expect_err("the file's own policies were looked at before");
    let is_path = [".json", ".dct"].iter().any(|end| text.ends_with(end));
    if is_path {
        error.help = Some(format!("paths stand in quotes: `\"{text}\"`"));
    }
    Err(error)
}

fn pick(span: Span, name: &str, policies: &[Document], what: &str) -> Result<Document, Box<Diagnostic>> {
    if let Some(document) = policies.iter().find(|document| document.name == name) {
        return Ok(document.clone());
    }
    let names: Vec<&str> = policies.iter().map(|document| document.name.as_str()).collect();
    let mut error = Diagnostic::new(Code::E_NAME, span, RULE, format!("{what} `{}`", shown(name)));
    error.expected = (!names.is_empty() && names.len() <= 8).then(|| one_of(&names));
    Err(error.did_you_mean(nearest(name, names)).into())
}
