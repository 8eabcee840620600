//! Bundle mode: the six members and the context of each resource of a request, from the entities of a directory (semantics.md
//! 11, CTX-4, CTX-5). The evaluator then is that of case mode.

use bumpalo::Bump;
use dictum_compiler::directory::model::{Directory, DocumentId, Named, Resource as Entry};
use dictum_compiler::limits::NESTING_MAX;
use dictum_compiler::source::{PolicyType, SourceId};
use dictum_compiler::syntax::json::{self, Value};

use super::entities::{self, FULL_ACCESS, Guardrail, Standing, account, entry, levels, owner, stand};
use super::evaluate::{combine, decide_one, is_assuming};
use super::principals::{Requester, RequesterKind};
use super::request::{Asked, Parts, Request, Resource, context, derived_keys, is_of_entity, need, parts};
use super::session::{self, PRINCIPAL_TAG};
use super::shape::{member, statements, texts};
use super::{Outcome, PolicyDocument, PolicySet};
use crate::answer::{Label, Layer, Member, StatementId};
use crate::request::{CaseRequest, ContextValue, RequestError, SessionRecord};

const RESOURCE_TAG: &str = "aws:resourcetag/";
const FULL_ACCESS_TEXT: [&str; 2] = [
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#,
];

/// Entities whose policies are known to be valid. Answers number policies as the directory numbers documents; behind these
/// come the vendor's two full-access guardrails, and behind them the policies of a request's session.
#[derive(Clone, Debug)]
pub struct Organization<'a> {
    directory: &'a Directory,
    documents: Vec<Value<'a>>,
}

fn parse<'a>(text: &'a [u8], arena: &'a Bump) -> Value<'a> {
    json::parse(text, 0, SourceId::default(), arena, NESTING_MAX).expect("a valid policy is JSON")
}

impl<'a> Organization<'a> {
    /// The entities, with the JSON of each document.
    ///
    /// # Panics
    /// Where a text is not JSON.
    pub fn new(directory: &'a Directory, texts: &'a [Vec<u8>], arena: &'a Bump) -> Organization<'a> {
        let own = texts.iter().map(|text| parse(text, arena));
        let documents = own.chain(FULL_ACCESS_TEXT.map(|text| parse(text.as_bytes(), arena))).collect();
        Organization { directory, documents }
    }

    /// What an answer says of each policy; `session` as for [`decide`]. A guardrail's level is where it is attached and no
    /// part of its label.
    pub fn labels(&self, session: &[PolicyDocument<'_>]) -> Vec<Label> {
        let own = self.directory.documents.iter().map(|document| (document.name.as_str(), document.policy_type));
        let own = own.chain(FULL_ACCESS.map(|(policy_type, name)| (name, policy_type)));
        let documents = own.zip(&self.documents).map(|((name, policy_type), document)| {
            let layer = layer(Member::of(policy_type), 0);
            PolicyDocument { name, layer, document: *document }
        });
        PolicySet { documents: documents.chain(session.iter().cloned()).collect(), levels: [None; 6] }.labels()
    }

    fn full_access(&self, policy_type: PolicyType) -> u32 {
        let at = FULL_ACCESS.iter().position(|(it, _)| *it == policy_type).expect("a guardrail's type");
        (self.directory.documents.len() + at) as u32
    }
}

const fn layer(member: Member, level: u32) -> Layer {
    Layer { member, level }
}

/// Decides a request in bundle mode. `session` are the policies of its session record, which are known to be valid.
///
/// # Errors
/// The first rule that the request breaks.
pub fn decide(
    organization: &Organization<'_>,
    session: &[PolicyDocument<'_>],
    request: &CaseRequest,
) -> Result<Outcome, RequestError> {
    let Parts { mut who, resources, given } = parts(request)?;
    let directory = organization.directory;
    let record = request.session.clone().unwrap_or_default();
    let is_of_root = session::check(&record, &mut who)?;
    for arn in &record.managed {
        let held = if arn.starts_with("arn:") { entities::managed(directory, arn, "") } else { None };
        need(held.is_some(), "DIR-14", "a managed policy of the session that the bundle does not hold")?;
        let is_session_policy = held.is_none_or(|id| !has_short_arn(&organization.documents[id.0 as usize]));
        need(is_session_policy, "RES-8", "a managed policy that no session may have, for an ARN of it lacks fields")?;
    }
    let standing = stand(directory, &mut who, is_of_root);
    who.is_stranger = standing.account.is_none();
    let mut built = Vec::new();
    for asked in resources {
        let place = place(directory, asked, who.account.as_deref());
        let mut derived = core_keys(&who, &place, standing);
        derived.extend(session::facts(&record));
        derived.extend(principal_keys(directory, standing, &record, &given));
        derived.extend(resource_keys(directory, &place, &given));
        let context = context(&given, &who, &derived)?;
        let Place { asked: Asked { text, arn, .. }, account, entry, .. } = place;
        let must_allow = entry.is_some_and(|entry| entry.must_allow);
        built.push((entry, Resource { text, arn, account, context, must_allow }));
    }
    let request = Request { who, action: request.action.clone(), resources: Vec::new() };
    let outcomes = built.iter().map(|(entry, resource)| {
        let members = Members { organization, set: PolicySet::default(), keys: Vec::new() };
        let members = members.assemble(standing, &record, session, (&request, resource), *entry);
        members.number(decide_one(&members.set, &request, resource))
    });
    Ok(combine(outcomes.collect()))
}

/// RES-8, TYP-5: as a session policy a document names resources by whole ARNs. What stands in `${…}` separates no fields.
fn has_short_arn(document: &Value<'_>) -> bool {
    let is_short = |entry: &str| {
        let plain: String = entry.split("${").enumerate().fold(String::new(), |plain, (at, part)| {
            plain + if at == 0 { part } else { part.split_once('}').map_or("", |(_, rest)| rest) }
        });
        entry != "*" && plain.split(':').count() < 6
    };
    let lists = statements(document).into_iter().flat_map(|it| [member(it, "Resource"), member(it, "NotResource")]);
    lists.flatten().any(|list| texts(list).into_iter().any(is_short))
}

/// A requested resource, and what a directory says of it.
struct Place<'a> {
    asked: Asked,
    /// REQ-4: unknown of an ARN that names none and is not held.
    account: Option<String>,
    /// The resource, or the bucket of an S3 object, whose policies, owner and mark are the object's too.
    entry: Option<&'a Entry>,
    /// The resource itself is held, and so its tags are known (CTX-4).
    has_tags: bool,
}

fn place<'a>(directory: &'a Directory, asked: Asked, who_account: Option<&str>) -> Place<'a> {
    let found = if asked.arn.is_some() { entry(directory, &asked.text) } else { None };
    let account = match found {
        Some((entry, _)) => Some(owner(entry).to_owned()),
        None if asked.arn.is_none() => asked.account.clone().or(who_account.map(str::to_owned)),
        None => asked.account.clone(),
    };
    let has_tags = found.is_some_and(|(_, is_itself)| is_itself);
    Place { asked, account, entry: found.map(|(entry, _)| entry), has_tags }
}

type Derived = Vec<(String, Option<ContextValue>)>;

fn one(text: impl Into<String>) -> Option<ContextValue> {
    Some(ContextValue::One(text.into()))
}

/// CTX-2, of which `aws:userid` of users and roles comes from the directory (CTX-4): a role without a session has none.
fn core_keys(who: &Requester, place: &Place<'_>, standing: Standing<'_>) -> Derived {
    let keys = derived_keys(who, place.account.as_deref()).map(|(key, value)| (key.to_owned(), value));
    let mut keys = keys.to_vec();
    if is_of_entity(who) {
        let session = who.arn.rsplit('/').next().unwrap_or("");
        let value = match (who.kind, standing.unique_id()) {
            (RequesterKind::User, Some(id)) => one(id),
            (RequesterKind::Session, Some(id)) => one(format!("{id}:{session}")),
            _ => None,
        };
        keys.iter_mut().filter(|(key, _)| key == "aws:userid").for_each(|(_, it)| *it = value.clone());
    }
    keys
}

/// CTX-4, CTX-23: of a principal that is not known they are absent, and stating them is an error.
fn principal_keys(
    directory: &Directory,
    standing: Standing<'_>,
    record: &SessionRecord,
    given: &[(String, ContextValue)],
) -> Derived {
    let account = standing.account.filter(|_| standing.is_known);
    let path = account.and_then(|account| entities::path(directory, account));
    let organization = directory.organization.as_ref().filter(|_| path.is_some());
    let mut keys = vec![
        ("aws:principalorgid".to_owned(), organization.and_then(|it| one(&it.id.text))),
        ("aws:principalorgmasteraccount".to_owned(), organization.and_then(|it| one(&it.management_account.text))),
        ("aws:principalorgpaths".to_owned(), path.map(|path| ContextValue::Many(vec![path]))),
    ];
    let of_session = record.tags.iter().filter(|_| standing.is_known);
    let of_session: Vec<(&str, &str)> = of_session.map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let of_entity = standing.tags().iter().map(|(key, value)| (key.text.as_str(), value.as_str()));
    let is_own = |(key, _): &(&str, &str)| of_session.iter().all(|(other, _)| !other.eq_ignore_ascii_case(key));
    let own: Vec<_> = of_entity.filter(is_own).collect();
    keys.extend(tags(PRINCIPAL_TAG, own.into_iter().chain(of_session), given));
    keys
}

/// The keys of tags, and those that the caller states although there is no such tag.
fn tags<'t>(prefix: &str, tags: impl Iterator<Item = (&'t str, &'t str)>, given: &[(String, ContextValue)]) -> Derived {
    let mut keys: Derived =
        tags.map(|(key, value)| (format!("{prefix}{}", key.to_ascii_lowercase()), one(value))).collect();
    for (key, _) in given {
        let is_tag = key.strip_prefix(prefix).is_some_and(|tag| !tag.is_empty());
        if is_tag && keys.iter().all(|(known, _)| known != key) {
            keys.push((key.clone(), None));
        }
    }
    keys
}

/// CTX-4, CTX-5: of an account or a resource that the directory does not hold they are the caller's to state.
fn resource_keys(directory: &Directory, place: &Place<'_>, given: &[(String, ContextValue)]) -> Derived {
    let mut keys = Vec::new();
    if let Some(account) = place.account.as_ref().and_then(|number| account(directory, number)) {
        let path = entities::path(directory, account);
        let organization = directory.organization.as_ref().filter(|_| path.is_some());
        keys.push(("aws:resourceorgid".to_owned(), organization.and_then(|it| one(&it.id.text))));
        keys.push(("aws:resourceorgpaths".to_owned(), path.map(|path| ContextValue::Many(vec![path]))));
    }
    if let Some(entry) = place.entry.filter(|_| place.has_tags) {
        let own = entry.tags.iter().map(|(key, value): &(Named, String)| (key.text.as_str(), value.as_str()));
        keys.extend(tags(RESOURCE_TAG, own, given));
    }
    keys
}

/// The members of one decision, with the number of each policy among all.
struct Members<'o, 'a> {
    organization: &'o Organization<'a>,
    set: PolicySet<'o>,
    keys: Vec<u32>,
}

impl<'o> Members<'o, '_> {
    /// Makes a member present, with so many levels.
    fn begin(&mut self, member: Member, levels: usize) {
        self.set.levels[member as usize] = Some(levels as u32);
    }

    fn add(&mut self, layer: Layer, DocumentId(key): DocumentId) {
        let name = self.organization.directory.documents.get(key as usize).map_or("", |document| &document.name);
        let document = self.organization.documents[key as usize];
        self.set.documents.push(PolicyDocument { name, layer, document });
        self.keys.push(key);
    }

    /// DIR-3 to DIR-9, DIR-12 for one resource.
    fn assemble(
        mut self,
        standing: Standing<'_>,
        record: &SessionRecord,
        session: &'o [PolicyDocument<'o>],
        (request, resource): (&Request, &Resource),
        entry: Option<&Entry>,
    ) -> Self {
        let directory = self.organization.directory;
        if standing.user.is_some() || standing.role.is_some() {
            self.begin(Member::Identity, 1);
            let identity = standing.identity(directory);
            identity.into_iter().for_each(|id| self.add(layer(Member::Identity, 0), id));
        }
        if let Some(policies) = resource_policies(directory, &request.action, resource, entry) {
            self.begin(Member::Resource, 1);
            policies.into_iter().for_each(|id| self.add(layer(Member::Resource, 0), id));
        }
        if let Some(boundary) = standing.boundary(directory) {
            self.begin(Member::Boundary, 1);
            self.add(layer(Member::Boundary, 0), boundary);
        }
        if record.has_policies() {
            self.begin(Member::Session, 1);
            for (at, policy) in session.iter().enumerate() {
                self.set.documents.push(policy.clone());
                self.keys.push((self.organization.documents.len() + at) as u32);
            }
            let managed = record.managed.iter().filter_map(|arn| entities::managed(directory, arn, ""));
            managed.for_each(|id| self.add(layer(Member::Session, 0), id));
        }
        let owner = resource.account.as_ref().and_then(|number| account(directory, number));
        for (policy_type, account) in [(PolicyType::Scp, standing.account), (PolicyType::Rcp, owner)] {
            let Some(levels) = levels(directory, account, policy_type) else { continue };
            self.begin(Member::of(policy_type), levels.len());
            for (level, guardrails) in (0..).zip(levels) {
                for guardrail in guardrails {
                    let id = match guardrail {
                        Guardrail::Document(id) => id,
                        Guardrail::FullAccess => DocumentId(self.organization.full_access(policy_type)),
                    };
                    self.add(layer(Member::of(policy_type), level), id);
                }
            }
        }
        self
    }

    /// An outcome with the numbers that policies have among all.
    fn number(&self, mut outcome: Outcome) -> Outcome {
        let number = |id: &mut StatementId| id.policy = self.keys[id.policy as usize];
        outcome.by.iter_mut().for_each(number);
        outcome.supporting.iter_mut().for_each(number);
        outcome
    }
}

/// DIR-7: the policies of a resource, or the trust policy of a role for the actions of EVL-41 (b).
fn resource_policies(
    directory: &Directory,
    action: &str,
    resource: &Resource,
    entry: Option<&Entry>,
) -> Option<Vec<DocumentId>> {
    let (_, service, rest) = resource.arn.as_ref()?;
    if is_assuming(action) && service == "iam" && rest.starts_with("role/") {
        let role = directory.roles.iter().find(|role| role.arn.text == resource.text)?;
        return Some(role.trust.into_iter().collect());
    }
    entry.map(|entry| entry.policies.clone())
}
