//! An organization: the answers of `aws organizations …`, a file each, told by their paths.
//!
//! ```text
//! organization.json         describe-organization; may be absent, since ARNs name the organization
//! roots.json                list-roots; may be absent, since children are kept under the root's id
//! accounts.json             list-accounts; may be absent
//! children/PARENT-ID.json   list-children, of both types; or list-organizational-units-for-parent, list-accounts-for-parent
//! policies/POLICY-ID.json   describe-policy
//! targets/POLICY-ID.json    list-targets-for-policy
//! ```

mod answers;
mod tree;

use bumpalo::Bump;

use crate::diagnostic::Diagnostic;
use crate::directory::export::Export;
use crate::directory::model::Directory;
use crate::source::{PolicyType, SourceId, Sources};

use answers::Answers;

/// Guardrails that every organization has, known without a file: id and type.
const VENDOR: [(&str, PolicyType); 2] = [("p-FullAWSAccess", PolicyType::Scp), ("p-RCPFullAWSAccess", PolicyType::Rcp)];

/// Reads the tree of an organization, its service and resource control policies and where each is attached; policies of
/// other types are passed over. Accounts of the tree that are not in the directory are put there. An attachment goes by the
/// policy's id, `p-FullAWSAccess` and `p-RCPFullAWSAccess` among them. O(bytes).
///
/// # Errors
/// D-EXPORT for what is cut off, has further pages, is of another shape or of two organizations, and for an answer that is
/// wanted and not there; D-REFERENCE for ids that no answer explains; D-MEMBER for a file that is none of the answers; D-TREE
/// for an account in two places; D-TWICE for a second organization; E-JSON and E-LIMIT for what is no JSON.
pub fn organization(sources: &mut Sources, files: &[SourceId], directory: &mut Directory, found: &mut Vec<Diagnostic>) {
    let mut export = Export::new(sources, found);
    let mut answers = Answers::default();
    let mut is_whole = true;
    for &file in files {
        let arena = Bump::new();
        is_whole &= answers.read(file, &arena, &mut export);
    }
    // What does not fit together without the missing answers is only their echo.
    if is_whole {
        tree::build(answers, files, directory, &mut export);
    }
    let decoded = export.finish();
    sources.files.extend(decoded);
}

#[cfg(test)]
mod tests;
