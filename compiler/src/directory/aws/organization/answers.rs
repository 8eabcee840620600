//! The answers, each for itself: JSON -> what it says, with places.

use bumpalo::Bump;

use crate::diagnostic::{Code, Diagnostic, shown};
use crate::directory::arn;
use crate::directory::export::{Export, Object, RULE};
use crate::directory::model::Named;
use crate::source::{Document, PolicyType, SourceId, Span};

/// What all answers together say.
#[derive(Default)]
pub(super) struct Answers {
    pub(super) owner: Option<Owner>,
    /// Of `roots.json`, where that is there.
    pub(super) roots: Option<Vec<Root>>,
    /// By the parent, which the file's name gives.
    pub(super) children: Vec<(Named, Vec<Child>)>,
    pub(super) policies: Vec<Policy>,
    /// By the policy, which the file's name gives: ids of roots, units and accounts.
    pub(super) targets: Vec<(Named, Vec<Named>)>,
    /// Numbers.
    pub(super) accounts: Vec<Named>,
}

/// Which organization it is.
pub(super) struct Owner {
    pub(super) id: Named,
    pub(super) management_account: Named,
    /// `aws`, `aws-cn`, …, once an ARN has told.
    pub(super) partition: Option<String>,
}

pub(super) struct Root {
    pub(super) id: Named,
    pub(super) has_scps: bool,
    pub(super) has_rcps: bool,
}

pub(super) struct Child {
    pub(super) id: Named,
    pub(super) is_account: bool,
}

pub(super) struct Policy {
    pub(super) id: Named,
    pub(super) name: Named,
    /// `None` for what is no guardrail, as a tag policy.
    pub(super) document: Option<Document>,
}

/// The type of guardrail that a `PolicyType` of the vendor names.
fn guardrail(name: &str) -> Option<PolicyType> {
    match name {
        "SERVICE_CONTROL_POLICY" => Some(PolicyType::Scp),
        "RESOURCE_CONTROL_POLICY" => Some(PolicyType::Rcp),
        _ => None,
    }
}

impl Answers {
    /// Takes in what a file says; false, and told, where it cannot be read at all.
    pub(super) fn read<'a, 's: 'a>(&mut self, file: SourceId, arena: &'a Bump, export: &mut Export<'s>) -> bool {
        let start = Span { source: file, start: 0, end: 0 };
        let path = export.sources.file(file).path.as_str();
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let folder = folder.rsplit('/').next().unwrap_or_default();
        let read: fn(&mut Answers, Named, Object<'_>, &mut Export<'_>) = match (folder, name) {
            ("children", _) => Answers::read_children,
            ("policies", _) => Answers::read_policy,
            ("targets", _) => Answers::read_targets,
            (_, "organization.json") => Answers::read_organization,
            (_, "roots.json") => Answers::read_roots,
            (_, "accounts.json") => Answers::read_accounts,
            _ => {
                let message = format!("`{}` is the name of no answer about an organization", shown(name));
                let diagnostic = Diagnostic::new(Code::D_MEMBER, start, RULE, message);
                let known = "`organization.json`, `roots.json`, `accounts.json`";
                export.tell(diagnostic.expected(format!("{known}, or a file in `children`, `policies` or `targets`")));
                return true;
            }
        };
        let id = Named { text: name.strip_suffix(".json").unwrap_or(name).to_owned(), span: start };
        let value = export.parse(file, arena);
        let object = value.and_then(|value| export.object(&value, "an answer about an organization"));
        if let Some(object) = object {
            export.complete(object);
            read(self, id, object, export);
        }
        object.is_some()
    }

    fn read_organization(&mut self, _: Named, object: Object<'_>, export: &mut Export<'_>) {
        let Some(object) = export.required_object(object, "Organization") else { return };
        let id = export.required_text(object, "Id");
        let management_account = export.required_text(object, "MasterAccountId");
        self.read_arn(object, export);
        if let (Some(id), Some(management_account)) = (id, management_account) {
            self.own(Owner { id, management_account, partition: None }, export);
        }
    }

    fn read_roots(&mut self, _: Named, object: Object<'_>, export: &mut Export<'_>) {
        for root in export.required_objects(object, "Roots") {
            let mut enabled = Vec::new();
            for policy_type in export.objects(root, "PolicyTypes") {
                let name = export.required_text(policy_type, "Type");
                let status = export.required_text(policy_type, "Status");
                let guardrail = name.and_then(|name| guardrail(&name.text));
                enabled.extend(guardrail.filter(|_| status.is_some_and(|status| status.text == "ENABLED")));
            }
            let [has_scps, has_rcps] = [PolicyType::Scp, PolicyType::Rcp].map(|it| enabled.contains(&it));
            let id = export.required_text(root, "Id");
            self.roots.get_or_insert_default().extend(id.map(|id| Root { id, has_scps, has_rcps }));
            self.read_arn(root, export);
        }
    }

    fn read_accounts(&mut self, _: Named, object: Object<'_>, export: &mut Export<'_>) {
        for account in export.required_objects(object, "Accounts") {
            self.accounts.extend(export.required_text(account, "Id"));
            self.read_arn(account, export);
        }
    }

    fn read_children(&mut self, parent: Named, object: Object<'_>, export: &mut Export<'_>) {
        const LISTS: [(&str, Option<bool>); 3] =
            [("Children", None), ("OrganizationalUnits", Some(false)), ("Accounts", Some(true))];
        if !LISTS.iter().any(|(list, _)| object.members.iter().any(|member| member.name == *list)) {
            export.fault(
                parent.span,
                "no list of children: it has none of `Children`, `OrganizationalUnits`, `Accounts`",
            );
        }
        let mut children = Vec::new();
        for (list, is_account) in LISTS {
            for child in export.objects(object, list) {
                let id = export.required_text(child, "Id");
                let is_account = is_account.or_else(|| is_account_type(child, export));
                if let (Some(id), Some(is_account)) = (id, is_account) {
                    children.push(Child { id, is_account });
                }
                self.read_arn(child, export);
            }
        }
        self.children.push((parent, children));
    }

    fn read_targets(&mut self, policy: Named, object: Object<'_>, export: &mut Export<'_>) {
        let mut ids = Vec::new();
        for target in export.required_objects(object, "Targets") {
            ids.extend(export.required_text(target, "TargetId"));
            self.read_arn(target, export);
        }
        self.targets.push((policy, ids));
    }

    fn read_policy(&mut self, file: Named, object: Object<'_>, export: &mut Export<'_>) {
        let Some(policy) = export.required_object(object, "Policy") else { return };
        let Some(summary) = export.required_object(policy, "PolicySummary") else { return };
        self.read_arn(summary, export);
        let id = export.required_text(summary, "Id");
        let name = export.required_text(summary, "Name");
        let policy_type = export.required_text(summary, "Type");
        let content = export.required(policy, "Content");
        let (Some(id), Some(name), Some(policy_type), Some(content)) = (id, name, policy_type, content) else { return };
        if id.text != file.text {
            export.fault(id.span, format!("policy `{}` in the file of `{}`", shown(&id.text), shown(&file.text)));
        }
        let policy_type = guardrail(&policy_type.text);
        let document = policy_type.and_then(|policy_type| export.document(&content, &name.text, policy_type));
        self.policies.push(Policy { id, name, document });
    }

    /// Takes from the ARN of an object which organization it is of: `arn:P:organizations::MANAGEMENT:KIND/o-…/…`. The ARNs of
    /// the vendor's policies do not tell.
    fn read_arn(&mut self, object: Object<'_>, export: &mut Export<'_>) {
        let Some(Named { text, span }) = export.text(object, "Arn") else { return };
        let parts = arn::parse(&text).filter(|parts| parts.service == "organizations");
        let Some(parts) = parts else {
            let message = format!("`{}` is no ARN of an organization", shown(&text));
            return export.tell(Diagnostic::new(Code::D_VALUE, span, RULE, message));
        };
        let id = parts.resource.split('/').nth(1).filter(|id| id.starts_with("o-"));
        if let Some(id) = id.filter(|_| parts.account != "aws") {
            let named = |text: &str| Named { text: text.to_owned(), span };
            let (id, management_account) = (named(id), named(parts.account));
            self.own(Owner { id, management_account, partition: Some(parts.partition.to_owned()) }, export);
        }
    }

    fn own(&mut self, owner: Owner, export: &mut Export<'_>) {
        let Some(known) = &mut self.owner else {
            self.owner = Some(owner);
            return;
        };
        let names = |owner: &Owner| format!("`{}` of account `{}`", owner.id.text, owner.management_account.text);
        let (here, there) = (names(&owner), names(known));
        if here != there {
            let message = format!("two organizations: {here}");
            let diagnostic = Diagnostic::new(Code::D_EXPORT, owner.id.span, RULE, message);
            export.tell(diagnostic.related(known.id.span, format!("and {there}")));
        }
        known.partition = known.partition.take().or(owner.partition);
    }
}

/// Whether the `Type` of a child says that it is an account; `None`, and told, where it is neither that nor a unit.
fn is_account_type(child: Object<'_>, export: &mut Export<'_>) -> Option<bool> {
    let name = export.required_text(child, "Type")?;
    match name.text.as_str() {
        "ACCOUNT" => Some(true),
        "ORGANIZATIONAL_UNIT" => Some(false),
        other => {
            let message = format!("`{}` is no type of a child", shown(other));
            let diagnostic = Diagnostic::new(Code::D_EXPORT, name.span, RULE, message);
            export.tell(diagnostic.expected("`ACCOUNT` or `ORGANIZATIONAL_UNIT`"));
            None
        }
    }
}
