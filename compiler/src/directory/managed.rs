//! Collections of the vendor's managed policies, of which only what is attached gets into a directory.
//!
//! ```text
//! a policy a line:  {"name": …, "arn": …, "document": …}
//! an export:        {"Policies": [{"Arn": …, "PolicyVersionList": […]}]}, or only the array
//! ```

use bumpalo::Bump;

use crate::diagnostic::{Code, Diagnostic};
use crate::fast_hash::FastMap;
use crate::source::{Document, PolicyType, SourceId, Sources, Span};
use crate::syntax::json::{Kind, Value};

use super::arn;
use super::export::{Export, Mark, Object, RULE, first, outline};
use super::model::{Directory, ManagedPolicy, Named};

/// A file of managed policies: their names, and where their documents stand.
#[derive(Clone, Debug, Default)]
pub struct Collection {
    policies: Vec<Policy>,
    by_arn: FastMap<String, usize>,
    /// Of several policies of one name the first.
    by_name: FastMap<String, usize>,
}

/// A policy of a collection. Its document is read when the policy is attached somewhere.
#[derive(Clone, Debug)]
struct Policy {
    /// The last part of its ARN.
    name: Named,
    /// Not known of some policies, mostly of those that the vendor withdrew.
    arn: Option<Named>,
    version: Option<u32>,
    /// Where the document stands: an object, or a string with it.
    span: Span,
    /// The text of such a string.
    encoded: Option<String>,
}

/// The default version of a managed policy in an export.
pub(super) struct DefaultVersion<'a> {
    /// Of `v12` the 12.
    pub(super) version: Option<u32>,
    pub(super) document: Value<'a>,
}

impl Collection {
    /// Reads a collection, whatever its size, and tells what in it is no policy. O(bytes).
    pub fn read(sources: &Sources, file: SourceId) -> (Collection, Vec<Diagnostic>) {
        let mut collection = Collection::default();
        let mut found = Vec::new();
        let mut export = Export::new(sources, &mut found);
        let text = sources.file(file).text();
        let arena = Bump::new();
        if is_lines(text) {
            collection.read_lines(text, file, &mut export);
        } else if let Some(value) = export.parse(file, &arena) {
            match value.kind {
                Kind::Array(policies) => policies.iter().for_each(|policy| collection.add(policy, &mut export)),
                _ => collection.read_object(&value, &mut export),
            }
        }
        (collection, found)
    }

    /// A policy a line; blank lines are none.
    fn read_lines(&mut self, text: &[u8], file: SourceId, export: &mut Export<'_>) {
        let mut arena = Bump::new();
        let mut start = 0;
        for line in text.split_inclusive(|&byte| byte == b'\n') {
            let end = start + line.len() as u32;
            if !line.trim_ascii().is_empty()
                && let Some(value) = export.parse_range(file, start..end, &arena)
            {
                self.add(&value, export);
            }
            arena.reset();
            start = end;
        }
    }

    fn read_object(&mut self, value: &Value<'_>, export: &mut Export<'_>) {
        let Some(object) = export.object(value, "a collection of policies") else { return };
        if object.members.iter().any(|member| member.name == "Policies") {
            export.complete(object);
            export.list(object, "Policies").iter().for_each(|policy| self.add(policy, export));
        } else {
            self.add(value, export);
        }
    }

    /// Takes a policy in, of either shape.
    fn add(&mut self, value: &Value<'_>, export: &mut Export<'_>) {
        let Some(object) = export.object(value, "a managed policy") else { return };
        let is_exported = object.members.iter().any(|member| member.name == "PolicyVersionList");
        let names = if is_exported { ["PolicyName", "Arn"] } else { ["name", "arn"] };
        let Some(name) = export.required_text(object, names[0]) else { return };
        let arn = export.text(object, names[1]);
        let (version, document) = if is_exported {
            let Some(default) = default_version(object, export) else { return };
            (default.version, default.document)
        } else {
            let Some(document) = export.required(object, "document") else { return };
            (export.text(object, "version").and_then(|version| number(&version.text)), document)
        };
        let encoded = match document.kind {
            Kind::Object(_) => None,
            Kind::String(text) => Some(text.to_owned()),
            _ => {
                return export
                    .fault(first(document.span), "the document of a managed policy is neither object nor string");
            }
        };
        self.take(Policy { name, arn, version, span: document.span, encoded }, export);
    }

    fn take(&mut self, policy: Policy, export: &mut Export<'_>) {
        let index = self.policies.len();
        if let Some(arn) = &policy.arn {
            if let Some(&other) = self.by_arn.get(&arn.text) {
                let message = format!("`{}` occurs twice in the collection", arn.text);
                let other = self.policies[other].name.span;
                let diagnostic = Diagnostic::new(Code::D_TWICE, arn.span, RULE, message);
                return export.tell(diagnostic.related(other, "the first one"));
            }
            self.by_arn.insert(arn.text.clone(), index);
        }
        self.by_name.entry(policy.name.text.clone()).or_insert(index);
        self.policies.push(policy);
    }

    /// The policy of this ARN, else the one of its name, which is the last part: of some policies the collections do not
    /// know the path. What is known to be of another partition is another policy, since ARNs in its document differ.
    fn find(&self, text: &str) -> Option<&Policy> {
        let wanted = arn::parse(text)?;
        let is_other = |policy: &Policy| {
            let known = policy.arn.as_ref().and_then(|known| arn::parse(&known.text));
            known.is_some_and(|known| known.partition != wanted.partition)
        };
        let index = match self.by_arn.get(text) {
            Some(&index) => index,
            None => self.by_name.get(wanted.name()).copied().filter(|&index| !is_other(&self.policies[index]))?,
        };
        self.policies.get(index)
    }
}

/// Gives each of the vendor's policies that something has attached, or as its boundary, its document out of the first
/// collection that has it; those that the directory holds already stay as they are. Tells once of each that none has:
/// D-VENDOR where it is first attached.
pub fn add_attached(
    collections: &[Collection],
    sources: &mut Sources,
    directory: &mut Directory,
    found: &mut Vec<Diagnostic>,
) {
    let mut export = Export::new(sources, found);
    for attached in missing(directory) {
        let Some(policy) = collections.iter().find_map(|collection| collection.find(&attached.text)) else {
            let message = format!("no document of the vendor's policy `{}`", attached.text);
            let diagnostic = Diagnostic::new(Code::D_VENDOR, attached.span, "DIR-10", message);
            export.tell(diagnostic.help("give a collection that has it, by `--managed-policies FILE`"));
            continue;
        };
        let place = match &policy.encoded {
            None => Some((policy.span.source, policy.span.start..policy.span.end)),
            Some(text) => export.decode(text, policy.span, &policy.name.text),
        };
        let Some((source, range)) = place else { continue };
        let name = policy.name.text.clone();
        let document = directory.add_document(Document { name, policy_type: PolicyType::Identity, source, range });
        let span = policy.arn.as_ref().unwrap_or(&policy.name).span;
        let arn = Named { text: attached.text, span };
        directory.managed.push(ManagedPolicy { arn, document, version: policy.version });
    }
    let decoded = export.finish();
    sources.files.extend(decoded);
}

/// The vendor's policies that are attached and not there, each once.
fn missing(directory: &Directory) -> Vec<Named> {
    let users = directory.users.iter().map(|it| (&it.policies, &it.boundaries));
    let groups = directory.groups.iter().map(|it| (&it.policies, &it.boundaries));
    let roles = directory.roles.iter().map(|it| (&it.policies, &it.boundaries));
    let holders = users.chain(groups).chain(roles);
    let is_vendor = |text: &str| arn::parse(text).is_some_and(|arn| arn.is_vendor_policy());
    let mut seen: FastMap<&str, ()> = directory.managed.iter().map(|policy| (policy.arn.text.as_str(), ())).collect();
    let mut missing = Vec::new();
    for named in holders.flat_map(|(policies, boundaries)| policies.attached.iter().chain(boundaries)) {
        if is_vendor(&named.text) && seen.insert(&named.text, ()).is_none() {
            missing.push(named.clone());
        }
    }
    missing
}

/// The default version among those of a policy of an export.
pub(super) fn default_version<'a>(policy: Object<'a>, export: &mut Export<'_>) -> Option<DefaultVersion<'a>> {
    let default = export.text(policy, "DefaultVersionId").map(|id| id.text);
    let mut versions = Vec::new();
    for version in export.objects(policy, "PolicyVersionList") {
        let id = export.text(version, "VersionId").map(|id| id.text);
        if export.is_true(version, "IsDefaultVersion") || (id.is_some() && id == default) {
            versions.push((version, id));
        }
    }
    let [(version, id)] = versions.as_slice() else {
        let message =
            if versions.is_empty() { "no version is the default" } else { "several versions are the default" };
        export.fault(first(policy.span), format!("a managed policy of which {message}"));
        return None;
    };
    let document = export.required(*version, "Document")?;
    Some(DefaultVersion { version: id.as_deref().and_then(number), document })
}

fn number(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.parse().ok()
}

/// Whether a text is made of a policy a line: its first line is one whole JSON object, and not the only line.
fn is_lines(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let Some(end) = text.iter().position(|&byte| byte == b'\n') else { return false };
    let mut depth = 0;
    for mark in outline(&text[..end]) {
        match mark {
            Mark::Open => depth += 1,
            Mark::Close => depth -= 1,
            Mark::Unclosed => return false,
            Mark::Text(_) | Mark::Name(_) => {}
        }
    }
    text.starts_with(b"{") && depth == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::export::told;
    use crate::directory::model::{Group, User};

    fn attach(collection: &str, attached: &[&str]) -> (Sources, Directory, String) {
        let mut sources = Sources::new();
        let file = sources.add_file("managed.jsonl", collection);
        let named = |text: &&str| Named { text: (*text).to_owned(), span: Span::default() };
        let mut user = User::default();
        user.policies.attached = attached.iter().map(named).collect();
        user.boundaries = attached.iter().take(1).map(named).collect();
        let group = Group { policies: user.policies.clone(), ..Group::default() };
        let mut directory = Directory { users: vec![user], groups: vec![group], ..Directory::default() };
        let (collection, mut found) = Collection::read(&sources, file);
        add_attached(&[collection], &mut sources, &mut directory, &mut found);
        let told = told(&sources, &found);
        (sources, directory, told)
    }

    /// ARN, text of the document and version of each policy that got in.
    fn texts(sources: &Sources, directory: &Directory) -> Vec<(String, String, Option<u32>)> {
        let text = |policy: &ManagedPolicy| {
            let text = sources.text(&directory.documents[policy.document.0 as usize]);
            (policy.arn.text.clone(), String::from_utf8_lossy(text).into_owned(), policy.version)
        };
        directory.managed.iter().map(text).collect()
    }

    const A: &str = "arn:aws:iam::aws:policy/A";
    const B: &str = "arn:aws:iam::aws:policy/service-role/B";
    const LINES: &str = r#"{"name":"A","arn":"arn:aws:iam::aws:policy/A","version":"v7","document":{"Statement":[]}}

{"name":"B","arn":null,"document":"{\"Statement\": 2}"}
{"name":"C","arn":"arn:aws:iam::aws:policy/C","document":{}}
"#;

    #[test]
    fn what_is_attached_gets_in_once() {
        let own = "arn:aws:iam::111122223333:policy/C";
        let (sources, directory, told) = attach(LINES, &[A, B, own, "C"]);
        assert_eq!(told, "");
        let expected = [
            (A.to_owned(), r#"{"Statement":[]}"#.to_owned(), Some(7)),
            (B.to_owned(), r#"{"Statement": 2}"#.to_owned(), None),
        ];
        assert_eq!(texts(&sources, &directory), expected);
        assert_eq!(sources.files[1].name, "managed.jsonl:3 B");
        let document = &directory.documents[0];
        assert_eq!(
            (document.name.as_str(), document.policy_type, document.source),
            ("A", PolicyType::Identity, SourceId(0))
        );
    }

    #[test]
    fn a_policy_of_no_collection_is_told_once() {
        let (_, directory, told) = attach(LINES, &["arn:aws:iam::aws:policy/D", "arn:aws-cn:iam::aws:policy/A"]);
        assert_eq!(directory.managed.len(), 0);
        insta::assert_snapshot!(told, @r"
        managed.jsonl:1:1 error[D-VENDOR]: no document of the vendor's policy `arn:aws:iam::aws:policy/D`; give a collection that has it, by `--managed-policies FILE`
        managed.jsonl:1:1 error[D-VENDOR]: no document of the vendor's policy `arn:aws-cn:iam::aws:policy/A`; give a collection that has it, by `--managed-policies FILE`
        ");
    }

    #[test]
    fn exports_are_collections() {
        let policy = r#"{"PolicyName": "A", "Arn": "arn:aws:iam::aws:policy/A", "DefaultVersionId": "v2", "PolicyVersionList": [
            {"VersionId": "v2", "Document": {"v": 2}}, {"VersionId": "v1", "IsDefaultVersion": false, "Document": {}}]}"#;
        for text in
            [format!("[{policy}]"), format!("{{\"Policies\": [{policy}]}}"), format!("{{\n\"Policies\": [{policy}]}}")]
        {
            let (sources, directory, told) = attach(&text, &[A]);
            assert_eq!(told, "");
            assert_eq!(texts(&sources, &directory), [(A.to_owned(), r#"{"v": 2}"#.to_owned(), Some(2))]);
        }
        let single = LINES.lines().next().unwrap();
        assert_eq!(attach(single, &[A]).1.managed.len(), 1);
        assert_eq!(attach(&single.replace(',', ",\n"), &[A]).1.managed.len(), 1);
    }

    #[test]
    fn what_is_no_policy_is_told() {
        let lines = [
            "{}",
            r#"{"name": "A", "document": 1}"#,
            r#"{"name": "A"}"#,
            r#"{"name": "A", "arn": 1, "document": {}}"#,
            "[]",
            r#"{"name": "A", "arn": "x", "document": {}}"#,
            r#"{"name": "A", "arn": "x", "document": {}}"#,
            r#"{"PolicyName": "A", "Arn": "y", "PolicyVersionList": [{"VersionId": "v1", "Document": {}}]}"#,
            r#"{"PolicyName": "A", "Arn": "y", "PolicyVersionList": [{"IsDefaultVersion": true}, {"IsDefaultVersion": true}]}"#,
            r#"{"name": "#,
        ];
        insta::assert_snapshot!(attach(&lines.join("\n"), &[]).2);
    }
}
