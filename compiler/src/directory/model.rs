//! The entities of DIR-2, as every kind of source gives them: names with their places, policies as documents by number.
//!
//! A reader fills a [`Directory`] in the order of its sources and reports what it cannot read; whether what was read fits
//! together is asked once, for all kinds of source, in `check`.

use crate::source::{Document, Span};

/// A text of a source and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// The text.
    pub text: String,
    /// Its place; of a name that a file's name gives, the start of that file.
    pub span: Span,
}

/// Index into [`Directory::documents`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentId(pub u32);

/// Everything that a bundle knows besides what policies say.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// At most one organization; accounts may stand outside it.
    pub organization: Option<Organization>,
    /// Accounts.
    pub accounts: Vec<Account>,
    /// Users.
    pub users: Vec<User>,
    /// Groups.
    pub groups: Vec<Group>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Managed policies, the vendor's among them.
    pub managed: Vec<ManagedPolicy>,
    /// Identity providers.
    pub providers: Vec<Provider>,
    /// Instance profiles.
    pub profiles: Vec<InstanceProfile>,
    /// Resources with policies, tags or a must-allow mark.
    pub resources: Vec<Resource>,
    /// Every policy document, each under the type as which it is attached: a managed policy as `Identity`, whatever else it is
    /// also used as; guardrails as `Scp` and `Rcp`; trust policies as `Trust`, policies of resources as `Resource`.
    pub documents: Vec<Document>,
}

impl Directory {
    /// Takes a document in.
    pub fn add_document(&mut self, document: Document) -> DocumentId {
        self.documents.push(document);
        DocumentId(self.documents.len() as u32 - 1)
    }
}

/// An organization: a tree of nodes, of which the first is the root.
#[derive(Clone, Debug, Default)]
pub struct Organization {
    /// `o-…`.
    pub id: Named,
    /// 12 digits.
    pub management_account: Named,
    /// Root and units in any order; exactly one has no parent.
    pub nodes: Vec<Node>,
    /// Whether service control policies are enabled; every node then has a level of them (DIR-8).
    pub has_scps: bool,
    /// Whether resource control policies are enabled; every node then has the vendor's full-access policy (DIR-8).
    pub has_rcps: bool,
    /// The organization's own guardrails; the vendor's full-access policies are known without being here.
    pub guardrails: Vec<Guardrail>,
}

/// A root or unit.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// `r-…` or `ou-…`.
    pub id: Named,
    /// Id of the node above; `None` for the root.
    pub parent: Option<Named>,
    /// Names or ids of the attached service control policies.
    pub scps: Vec<Named>,
    /// Names or ids of the attached resource control policies.
    pub rcps: Vec<Named>,
}

/// A service or resource control policy.
#[derive(Clone, Debug)]
pub struct Guardrail {
    /// Its name, which explanations say.
    pub name: Named,
    /// `p-…`, where the source has one. An attachment goes by name or id.
    pub id: Option<Named>,
    /// Its document, of type `Scp` or `Rcp`.
    pub document: DocumentId,
}

/// An account.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// 12 digits.
    pub number: Named,
    /// `aws`, `aws-cn`, ….
    pub partition: String,
    /// Id of the root or unit above, for an account of the organization.
    pub parent: Option<Named>,
    /// Names or ids of the service control policies that are attached to the account itself.
    pub scps: Vec<Named>,
    /// Names or ids of the resource control policies that are attached to the account itself.
    pub rcps: Vec<Named>,
    /// Canonical user id (PRN-18).
    pub canonical_user: Option<Named>,
}

/// Policies of a user, group or role.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    /// Inline policies.
    pub inline: Vec<DocumentId>,
    /// Managed policies: each the ARN, or the name of a policy of the same account.
    pub attached: Vec<Named>,
}

/// A user.
#[derive(Clone, Debug, Default)]
pub struct User {
    /// `arn:P:iam::A:user/[path/]name`; the span is where the source names the user.
    pub arn: Named,
    /// `AIDA…`.
    pub unique_id: Option<Named>,
    /// Keys and values.
    pub tags: Vec<(Named, String)>,
    /// Names of groups of the same account.
    pub groups: Vec<Named>,
    /// Identity policies.
    pub policies: Policies,
    /// Managed policies set as boundary, as in [`Policies::attached`]; more than one is an error (DIR-10).
    pub boundaries: Vec<Named>,
}

/// A group.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// `arn:P:iam::A:group/[path/]name`; the span is where the source names the group.
    pub arn: Named,
    /// `AGPA…`.
    pub unique_id: Option<Named>,
    /// Identity policies.
    pub policies: Policies,
    /// What a group cannot have (DIR-10).
    pub boundaries: Vec<Named>,
    /// Groups that it is said to be in, which no group can be (DIR-10).
    pub groups: Vec<Named>,
}

/// A role. What kind it is, its ARN and trust policy tell.
#[derive(Clone, Debug, Default)]
pub struct Role {
    /// `arn:P:iam::A:role/[path/]name`; the span is where the source names the role.
    pub arn: Named,
    /// `AROA…`.
    pub unique_id: Option<Named>,
    /// Keys and values.
    pub tags: Vec<(Named, String)>,
    /// Its trust policy, of type `Trust`.
    pub trust: Option<DocumentId>,
    /// Identity policies.
    pub policies: Policies,
    /// As [`User::boundaries`].
    pub boundaries: Vec<Named>,
}

/// The default version of a managed policy.
#[derive(Clone, Debug)]
pub struct ManagedPolicy {
    /// `arn:P:iam::A:policy/[path/]name`, of a vendor's policy with `aws` for the account.
    pub arn: Named,
    /// Its document, of type `Identity`.
    pub document: DocumentId,
    /// Number of the version that the document is, where the source tells it: of two copies of a vendor's policy the later
    /// version counts.
    pub version: Option<u32>,
}

/// An identity provider.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its ARN.
    pub arn: Named,
}

/// An instance profile.
#[derive(Clone, Debug)]
pub struct InstanceProfile {
    /// Its ARN.
    pub arn: Named,
    /// Names of its roles; one in good order (DIR-11).
    pub roles: Vec<Named>,
}

/// A resource.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its ARN.
    pub arn: Named,
    /// 12 digits: the owner, needed where the ARN names none.
    pub account: Option<Named>,
    /// Resource policies.
    pub policies: Vec<DocumentId>,
    /// Vendor's or other managed policies that a source attaches as resource policy, which none can be (DIR-10).
    pub attached: Vec<Named>,
    /// Keys and values.
    pub tags: Vec<(Named, String)>,
    /// The resource policy must take part (EVL-41c).
    pub must_allow: bool,
}
