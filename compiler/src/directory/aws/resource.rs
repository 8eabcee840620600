//! Resource policies by ARN.
//!
//! ```text
//! {
//!   "arn:aws:sqs:eu-west-1:111122223333:jobs": {"Statement": …},
//!   "arn:aws:sns:eu-west-1:111122223333:news": "{\"Statement\": …}",
//!   "arn:aws:s3:::reports": {"policy": {"Statement": …}, "account": "111122223333", "tags": {"team": "blue"}, "must_allow": true}
//! }
//! ```

use bumpalo::Bump;

use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::directory::arn;
use crate::directory::export::{Export, Object, RULE};
use crate::directory::model::{Directory, DocumentId, Named, Resource};
use crate::source::{PolicyType, SourceId, Sources};
use crate::syntax::json::{Kind, Member, Value};

/// What a resource may have besides its policy. No policy document has a member of these names.
const MEMBERS: [&str; 4] = ["policy", "account", "tags", "must_allow"];

/// Reads the resources of a file; the vendor has no command that prints one, so the shape is Dictum's own, and strict.
/// O(bytes).
///
/// # Errors
/// D-VALUE for a name that is no ARN, D-MEMBER for an unknown member, D-EXPORT for what is of another shape or cut off, E-JSON
/// and E-LIMIT for what is no JSON.
pub fn resource_policies(
    sources: &mut Sources,
    file: SourceId,
    directory: &mut Directory,
    found: &mut Vec<Diagnostic>,
) {
    let arena = Bump::new();
    let mut export = Export::new(sources, found);
    let value = export.parse(file, &arena);
    if let Some(object) = value.and_then(|value| export.object(&value, "a map of resources")) {
        for member in object.members {
            resource(member, directory, &mut export);
        }
    }
    let decoded = export.finish();
    sources.files.extend(decoded);
}

fn resource(member: &Member<'_>, directory: &mut Directory, export: &mut Export<'_>) {
    let arn = Named { text: member.name.to_owned(), span: member.name_span };
    if arn::parse(&arn.text).is_none() {
        let message = format!("`{}` is no ARN", shown(&arn.text));
        let diagnostic = Diagnostic::new(Code::D_VALUE, arn.span, RULE, message);
        return export.tell(diagnostic.expected("the ARN of a resource"));
    }
    let mut resource = Resource {
        arn,
        account: None,
        policies: Vec::new(),
        attached: Vec::new(),
        tags: Vec::new(),
        must_allow: false,
    };
    match member.value.kind {
        Kind::Object(members) if members.iter().any(|member| MEMBERS.contains(&member.name)) => {
            let object = Object { span: member.value.span, members };
            for unknown in members.iter().filter(|member| !MEMBERS.contains(&member.name)) {
                let message = format!("a resource has no `{}`", shown(unknown.name));
                let diagnostic = Diagnostic::new(Code::D_MEMBER, unknown.name_span, RULE, message);
                let expected = format!("`{}`", MEMBERS.join("`, `"));
                export.tell(diagnostic.expected(expected).did_you_mean(nearest(unknown.name, MEMBERS)));
            }
            let policy = export.member(object, "policy");
            resource.policies.extend(policy.and_then(|policy| document(&policy, &resource.arn, directory, export)));
            resource.account = export.text(object, "account");
            resource.tags = tags(object, export);
            resource.must_allow = export.is_true(object, "must_allow");
        }
        _ => resource.policies.extend(document(&member.value, &resource.arn, directory, export)),
    }
    directory.resources.push(resource);
}

fn document(value: &Value<'_>, arn: &Named, directory: &mut Directory, export: &mut Export<'_>) -> Option<DocumentId> {
    let document = export.document(value, &arn.text, PolicyType::Resource)?;
    Some(directory.add_document(document))
}

fn tags(object: Object<'_>, export: &mut Export<'_>) -> Vec<(Named, String)> {
    let Some(tags) = export.member_object(object, "tags") else { return Vec::new() };
    let tag = |tag: &Member<'_>| {
        let value = export.string(&tag.value, "the value of a tag")?;
        Some((Named { text: tag.name.to_owned(), span: tag.name_span }, value.text))
    };
    tags.members.iter().filter_map(tag).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::export::told;

    fn read(text: &str) -> (Sources, Directory, String) {
        let mut sources = Sources::new();
        let file = sources.add_file("resources.json", text);
        let (mut directory, mut found) = (Directory::default(), Vec::new());
        resource_policies(&mut sources, file, &mut directory, &mut found);
        let told = told(&sources, &found);
        (sources, directory, told)
    }

    #[test]
    fn documents_stand_bare_or_with_what_else_a_resource_has() {
        let (sources, directory, told) = read(
            r#"{"arn:aws:sqs:eu-west-1:111122223333:jobs": {"Statement": []},
                "arn:aws:sns:eu-west-1:111122223333:news": "{\"Statement\": [1]}",
                "arn:aws:s3:::r": {"account": "111122223333", "tags": {"team": "blue"}, "must_allow": true},
                "arn:aws:s3:::s": {"policy": {"Statement": [2]}}}"#,
        );
        assert_eq!(told, "");
        let texts: Vec<_> = directory.documents.iter().map(|it| String::from_utf8_lossy(sources.text(it))).collect();
        assert_eq!(texts, [r#"{"Statement": []}"#, r#"{"Statement": [1]}"#, r#"{"Statement": [2]}"#]);
        let [jobs, news, r, s] = directory.resources.as_slice() else { panic!("{directory:?}") };
        assert_eq!((jobs.policies.len(), jobs.must_allow, jobs.arn.span.start, jobs.arn.span.end), (1, false, 1, 42));
        assert_eq!(directory.documents[0].name, jobs.arn.text);
        assert_eq!(directory.documents[0].policy_type, PolicyType::Resource);
        assert_eq!(sources.files[1].name, "resources.json:2 arn:aws:sns:eu-west-1:111122223333:news");
        assert_eq!((news.policies.len(), s.policies.len(), r.policies.len(), r.must_allow), (1, 1, 0, true));
        assert_eq!((r.account.as_ref().unwrap().text.as_str(), r.tags[0].1.as_str()), ("111122223333", "blue"));
    }

    #[test]
    fn what_is_no_resource_is_told() {
        let text = r#"{"jobs": {}, "arn:aws:s3:::a": 1, "arn:aws:s3:::b": {"policy": [], "acount": "1"},
            "arn:aws:s3:::c": {"account": 1, "tags": {"a": 1}, "must_allow": "yes"}, "arn:aws:s3:::d": {"tags": []}}"#;
        insta::assert_snapshot!(read(text).2, @r"
        resources.json:1:2 error[D-VALUE]: `jobs` is no ARN; expected the ARN of a resource
        resources.json:1:32 error[D-EXPORT]: a policy document is a number; expected an object, or one as a string
        resources.json:1:68 error[D-MEMBER]: a resource has no `acount`; expected `policy`, `account`, `tags`, `must_allow`; did you mean `account`?
        resources.json:1:64 error[D-EXPORT]: a policy document is an array; expected an object, or one as a string
        resources.json:2:43 error[D-EXPORT]: `account` is a number; expected a string
        resources.json:2:60 error[D-EXPORT]: the value of a tag is a number; expected a string
        resources.json:2:78 error[D-EXPORT]: `must_allow` is a string; expected `true` or `false`
        resources.json:2:113 error[D-EXPORT]: `tags` is an array; expected an object
        ");
        assert!(read("[]").2.contains("error[D-EXPORT]: a map of resources is an array; expected an object"));
        assert!(read("{\"arn:").2.contains("error[D-EXPORT]: the export is cut off here"));
    }
}
