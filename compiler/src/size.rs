//! How large a document AWS lets one attach (SIZ-2). For the moment of attachment only; no part of resolving, for
//! vendor-managed policies are larger by far (SIZ-1).

use std::borrow::Cow;

use bumpalo::Bump;

use crate::diagnostic::{Code, Diagnostic};
use crate::print::{self, Shape, Spacing};
use crate::read::Reader;
use crate::source::{Document, Notation, PolicyType, Sources, Span};
use crate::syntax::ast::Policy;

/// What AWS takes a document as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// A short name, for a command line.
    pub name: &'static str,
    /// What a message calls it.
    pub title: &'static str,
    /// The type that it is a policy of.
    pub policy_type: PolicyType,
    /// Most characters.
    pub characters_max: usize,
    /// Whether white space counts among them.
    pub counts_whitespace: bool,
}

macro_rules! attachments {
    ($($name:literal $title:literal $policy_type:ident $max:expr, $whitespace:literal;)*) => {
        /// Every attachment; of those of one policy type the first is the usual one.
        pub const ATTACHMENTS: &[Attachment] = &[$(Attachment {
            name: $name,
            title: $title,
            policy_type: PolicyType::$policy_type,
            characters_max: $max,
            counts_whitespace: $whitespace,
        }),*];
    };
}

attachments! {
    "managed"      "a managed policy"               Identity 6_144,    false;
    "identity"     "an identity policy"             Identity 6_144,    false;
    "user-inline"  "an inline policy of a user"     Identity 2_048,    false;
    "group-inline" "an inline policy of a group"    Identity 5_120,    false;
    "role-inline"  "an inline policy of a role"     Identity 10_240,   false;
    "boundary"     "a permissions boundary"         Boundary 6_144,    false;
    "trust"        "the trust policy of a role"     Trust    2_048,    false;
    "session"      "a session policy"               Session  2_048,    false;
    "scp"          "a service control policy"       Scp      5_120,    true;
    "rcp"          "a resource control policy"      Rcp      5_120,    true;
    "s3-bucket"    "the policy of an S3 bucket"     Resource 20 << 10, true;
    "resource"     "a resource policy"              Resource 20 << 10, true;
    "kms-key"      "the policy of a KMS key"        Resource 32 << 10, true;
}

impl Attachment {
    /// The attachment of a name.
    pub fn from_name(name: &str) -> Option<&'static Attachment> {
        ATTACHMENTS.iter().find(|attachment| attachment.name == name)
    }

    /// The characters of a text that count.
    pub fn size(&self, text: &str) -> usize {
        text.chars().filter(|c| self.counts_whitespace || !c.is_ascii_whitespace()).count()
    }
}

/// The text whose characters count for a document: its own, and of one in the Dictum language, of which this is the tree, its
/// JSON without white space; without a tree there are none.
fn counted<'s>(sources: &'s Sources, document: &Document, tree: Option<&Policy<'_>>) -> Cow<'s, str> {
    match sources.file(document.source).notation {
        Notation::Json => String::from_utf8_lossy(sources.text(document)),
        Notation::Dictum => {
            let text = tree.and_then(|tree| print::json(tree, Shape::Normal, Spacing::Minified));
            text.map_or(Cow::Borrowed(""), Cow::Owned)
        }
    }
}

/// The characters of a document that count where white space does not, and where it does.
///
/// O(bytes of the document).
pub(crate) fn sizes(sources: &Sources, document: &Document, tree: Option<&Policy<'_>>) -> [u32; 2] {
    let text = counted(sources, document, tree);
    let (mut solid, mut all) = (0, 0);
    for character in text.chars() {
        all += 1;
        solid += u32::from(!character.is_ascii_whitespace());
    }
    [solid, all]
}

/// What a type of policy is usually attached as, and how many characters of a document count for it; of a document in the
/// Dictum language this is the tree.
///
/// O(bytes of the document).
pub fn usual_size(
    sources: &Sources,
    document: &Document,
    tree: Option<&Policy<'_>>,
) -> Option<(&'static Attachment, usize)> {
    let usual = ATTACHMENTS.iter().find(|attachment| attachment.policy_type == document.policy_type)?;
    Some((usual, usual.size(&counted(sources, document, tree))))
}

/// Whether the service would let one attach a document of this size, as what is usual for its type.
///
/// O(bytes of the document); of several documents of one `.dct` file use [`size_lints_of`], or each of them parses the
/// file anew.
pub fn size_lints(sources: &Sources, document: &Document) -> Vec<Diagnostic> {
    let arena = Bump::new();
    let tree = match sources.file(document.source).notation {
        Notation::Json => None,
        Notation::Dictum => Reader::new(sources, &arena).read(document, &arena).0,
    };
    size_lints_of(sources, document, tree.as_ref())
}

/// Likewise, of a document whose tree was read.
pub fn size_lints_of(sources: &Sources, document: &Document, tree: Option<&Policy<'_>>) -> Vec<Diagnostic> {
    let size = usual_size(sources, document, tree).filter(|(attachment, size)| *size > attachment.characters_max);
    let Some((attachment, size)) = size else { return Vec::new() };
    let start = document.range.start;
    let span = Span { source: document.source, start, end: start + 1 };
    let diagnostic = Diagnostic::new(Code::L_SIZE, span, "SIZ-2", format!("a policy of {size} characters"));
    let diagnostic = Diagnostic { policy: Some(document.name.clone()), ..diagnostic };
    vec![diagnostic.expected(format!("at most {}", attachment.characters_max))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_a_usual_attachment_and_names_are_told_apart() {
        use PolicyType::{Boundary, Identity, Rcp, Resource, Scp, Session, Trust};
        for (policy_type, expected) in [
            (Identity, "managed"),
            (Boundary, "boundary"),
            (Trust, "trust"),
            (Session, "session"),
            (Scp, "scp"),
            (Rcp, "rcp"),
            (Resource, "s3-bucket"),
        ] {
            let usual = ATTACHMENTS.iter().find(|attachment| attachment.policy_type == policy_type);
            assert_eq!(usual.map(|attachment| attachment.name), Some(expected));
        }
        for attachment in ATTACHMENTS {
            assert_eq!(Attachment::from_name(attachment.name), Some(attachment));
        }
    }

    #[test]
    fn white_space_counts_where_it_does() {
        let size = |name| Attachment::from_name(name).map(|attachment| attachment.size("{ \"é\": 1 }\n"));
        assert_eq!([size("managed"), size("scp"), size("none")], [Some(7), Some(11), None]);
    }
}
