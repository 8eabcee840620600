//! The decision (section 9), after the pseudo-code of 9.8.

use dictum_compiler::syntax::json::Value;

use super::conditions;
use super::patterns::{Char, Token, free_glob, matches, policy_text, resource_pattern};
use super::principals::{MatchKind, Requester, RequesterKind, not_principal_kind, principal_kind};
use super::request::{Request, Resource};
use super::shape::{is_version_2012, member, statements, text, texts};
use super::variables::{Part, parts, substitute_resource};
use super::{Examined, Outcome, PolicySet};
use crate::answer::{Decision, Layer, Member, StatementId};
use crate::request::RequestError;

/// Members of [`PolicySet`] that may not stand beside a requester (REQ-5).
pub(super) fn check_members(policies: &PolicySet<'_>, who: &Requester) -> Result<(), RequestError> {
    let present = |member: Member| policies.levels[member as usize].is_some();
    let identity = policies.documents.iter().any(|document| document.layer.member == Member::Identity);
    let capped = present(Member::Boundary) || present(Member::Session);
    if who.account.is_none() && (identity || capped || present(Member::Scp)) {
        return Err(RequestError::new("REQ-5", "a requester without account has no policies on its own side"));
    }
    if who.kind == RequesterKind::Root && (identity || capped) {
        return Err(RequestError::new("REQ-5", "a root user has no identity, boundary or session policies"));
    }
    Ok(())
}

/// ACT-6, GRM-25.
fn action_matches(statement: &Value<'_>, deny: bool, action: &str) -> bool {
    match (member(statement, "Action"), member(statement, "NotAction")) {
        (Some(entries), _) => texts(entries).iter().any(|entry| action_entry_matches(entry, action)),
        (None, Some(entries)) if texts(entries).is_empty() => deny,
        (None, Some(entries)) => !texts(entries).iter().any(|entry| action_entry_matches(entry, action)),
        (None, None) => unreachable!("a valid statement has Action or NotAction"),
    }
}

/// ACT-1, ACT-3, ACT-5.
fn action_entry_matches(entry: &str, action: &str) -> bool {
    if entry == "*" || entry == "*:*" {
        return true;
    }
    let (entry, action) = (entry.to_ascii_lowercase(), action.to_ascii_lowercase());
    let (service, name) = entry.split_once(':').expect("a valid action entry has a colon");
    let (asked_service, asked_name) = action.split_once(':').expect("a valid action has a colon");
    service == asked_service && matches(&free_glob(&policy_text(name)), asked_name)
}

/// The parts of a resource entry; fewer than six fields are filled up where RES-8 says so.
fn resource_parts(entry: &str, member: Member, version_2012: bool) -> Vec<Part> {
    let mut parts = parts(entry, version_2012);
    let colons = |part: &Part| if let Part::Text(text) = part { text.matches(':').count() } else { 0 };
    let colons: usize = parts.iter().map(colons).sum();
    if entry != "*" && colons < 5 && matches!(member, Member::Identity | Member::Boundary) {
        parts.push(Part::Text(":*".repeat(5 - colons)));
    }
    parts
}

/// RES-3, RES-4, RES-9, RES-10, RES-13.
fn resource_entry_matches(chars: &[Char], resource: &str) -> bool {
    let tokens = resource_pattern(chars);
    tokens == [Token::Run] || (resource != "*" && matches(&tokens, resource))
}

/// RES-11, RES-12, GRM-25, TYP-2.
fn resource_matches(statement: &Value<'_>, member_of: Member, version_2012: bool, resource: &Resource) -> bool {
    let (entries, negated) = match (member(statement, "Resource"), member(statement, "NotResource")) {
        (Some(entries), _) => (texts(entries), false),
        (None, Some(entries)) => (texts(entries), true),
        (None, None) => return true,
    };
    let entries: Vec<Option<Vec<Char>>> = entries
        .into_iter()
        .map(|entry| substitute_resource(&resource_parts(entry, member_of, version_2012), &resource.context))
        .collect();
    if negated && !is_deny(statement) && (entries.is_empty() || entries.contains(&None)) {
        return false;
    }
    let any = entries.iter().flatten().any(|chars| resource_entry_matches(chars, &resource.text));
    any != negated
}

fn is_deny(statement: &Value<'_>) -> bool {
    member(statement, "Effect").is_some_and(|effect| text(effect) == "Deny")
}

/// Whether, and with what kind, a statement applies.
fn applies(
    statement: &Value<'_>,
    member_of: Member,
    version_2012: bool,
    request: &Request,
    resource: &Resource,
    has_boundary: bool,
) -> MatchKind {
    let kind = fits(statement, member_of, version_2012, request, resource, has_boundary);
    let condition = member(statement, "Condition");
    if kind != MatchKind::None
        && !condition.is_none_or(|condition| conditions::holds(condition, version_2012, &resource.context))
    {
        return MatchKind::None;
    }
    kind
}

/// Whether, and with what kind, a statement applies if its condition holds.
fn fits(
    statement: &Value<'_>,
    member_of: Member,
    version_2012: bool,
    request: &Request,
    resource: &Resource,
    has_boundary: bool,
) -> MatchKind {
    let deny = is_deny(statement);
    if !action_matches(statement, deny, &request.action)
        || !resource_matches(statement, member_of, version_2012, resource)
    {
        return MatchKind::None;
    }
    match (member_of, member(statement, "Principal"), member(statement, "NotPrincipal")) {
        (Member::Resource, Some(element), _) => principal_kind(element, &request.who),
        (Member::Resource, None, Some(element)) => not_principal_kind(element, deny, &request.who, has_boundary),
        _ => MatchKind::Direct,
    }
}

/// The decision over all resources.
pub(super) fn decide(policies: &PolicySet<'_>, request: &Request) -> Outcome {
    combine(request.resources.iter().map(|resource| decide_one(policies, request, resource)).collect())
}

/// EVL-50 to EVL-52: the outcomes of single resources as one.
pub(super) fn combine(outcomes: Vec<Outcome>) -> Outcome {
    let decision = [Decision::ExplicitDeny, Decision::ImplicitDeny, Decision::Allow]
        .into_iter()
        .find(|decision| outcomes.iter().any(|outcome| outcome.decision == *decision))
        .expect("a valid request has a resource");
    let mut all = Outcome { decision, by: Vec::new(), supporting: Vec::new(), blocking: Vec::new() };
    for outcome in outcomes.into_iter().filter(|outcome| outcome.decision == decision) {
        all.by.extend(outcome.by);
        all.supporting.extend(outcome.supporting);
        all.blocking.extend(outcome.blocking);
    }
    sort_and_dedup(&mut all.by);
    sort_and_dedup(&mut all.supporting);
    sort_and_dedup(&mut all.blocking);
    all
}

fn sort_and_dedup<T: Ord>(list: &mut Vec<T>) {
    list.sort();
    list.dedup();
}

/// A statement that applies.
struct Hit {
    id: StatementId,
    layer: Layer,
    deny: bool,
    kind: MatchKind,
}

/// Every statement of every policy that takes part (EVL-4, EVL-6) and applies.
fn hits(policies: &PolicySet<'_>, request: &Request, resource: &Resource) -> Vec<Hit> {
    let has_boundary = policies.levels[Member::Boundary as usize].is_some();
    let mut hits = Vec::new();
    for (policy, document) in (0..).zip(&policies.documents) {
        let member_of = document.layer.member;
        if ignores(request, member_of) {
            continue;
        }
        let version_2012 = is_version_2012(&document.document);
        for (index, statement) in (0..).zip(statements(&document.document)) {
            let kind = applies(statement, member_of, version_2012, request, resource, has_boundary);
            if kind != MatchKind::None {
                let id = StatementId { policy, statement: index };
                hits.push(Hit { id, layer: document.layer, deny: is_deny(statement), kind });
            }
        }
    }
    hits
}

/// What every statement that takes part says of its conditions, where all else in it fits; resource by resource.
pub(super) fn examine(policies: &PolicySet<'_>, request: &Request) -> Vec<Examined> {
    let has_boundary = policies.levels[Member::Boundary as usize].is_some();
    let mut examined = Vec::new();
    for resource in &request.resources {
        for (policy, document) in (0..).zip(&policies.documents) {
            let member_of = document.layer.member;
            if ignores(request, member_of) {
                continue;
            }
            let version_2012 = is_version_2012(&document.document);
            for (index, statement) in (0..).zip(statements(&document.document)) {
                if fits(statement, member_of, version_2012, request, resource, has_boundary) == MatchKind::None {
                    continue;
                }
                let condition = member(statement, "Condition");
                let conditions =
                    condition.map_or_else(Vec::new, |it| conditions::each(it, version_2012, &resource.context));
                examined.push(Examined { id: StatementId { policy, statement: index }, conditions });
            }
        }
    }
    examined
}

/// EVL-4, EVL-6: guardrails that do not bind this request.
fn ignores(request: &Request, member: Member) -> bool {
    let linked = request.who.is_service_linked_role();
    match member {
        Member::Scp => linked,
        Member::Rcp => linked || request.action.eq_ignore_ascii_case("kms:RetireGrant"),
        _ => false,
    }
}

/// EVL-41 (b): an action whose resource policy is the trust policy of a role (DIR-7).
pub(super) fn is_assuming(action: &str) -> bool {
    const ASSUME: [&str; 6] = [
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:tagsession",
        "sts:setsourceidentity",
        "sts:setcontext",
    ];
    ASSUME.contains(&action.to_ascii_lowercase().as_str())
}

/// 9.8, for one resource.
pub(super) fn decide_one(policies: &PolicySet<'_>, request: &Request, resource: &Resource) -> Outcome {
    let who = &request.who;
    let hits = hits(policies, request, resource);

    // 1. INV-2: an explicit deny, anywhere.
    let denies: Vec<StatementId> = hits.iter().filter(|hit| hit.deny).map(|hit| hit.id).collect();
    if !denies.is_empty() {
        let (supporting, blocking) = (Vec::new(), Vec::new());
        return Outcome { decision: Decision::ExplicitDeny, by: denies, supporting, blocking };
    }
    let allows = |layer: Layer| hits.iter().filter(move |hit| hit.layer == layer);
    let layer = |member| Layer { member, level: 0 };
    let present = |member: Member| policies.levels[member as usize].is_some();

    // 2. EVL-1, EVL-8: every level of the guardrails must allow.
    let mut blocking: Vec<Layer> = Vec::new();
    for member in [Member::Rcp, Member::Scp] {
        let levels = if ignores(request, member) { 0 } else { policies.levels[member as usize].unwrap_or(0) };
        blocking
            .extend((0..levels).map(|level| Layer { member, level }).filter(|layer| allows(*layer).next().is_none()));
    }

    // 3. What the grant paths are made of.
    let of_kind = |kind| allows(layer(Member::Resource)).filter(move |hit| hit.kind == kind).map(|hit| hit.id);
    let direct: Vec<StatementId> = of_kind(MatchKind::Direct).collect();
    let via: Vec<StatementId> = of_kind(MatchKind::Role).collect();
    let account: Vec<StatementId> = of_kind(MatchKind::Account).collect();
    let identity: Vec<StatementId> = allows(layer(Member::Identity)).map(|hit| hit.id).collect();
    let missing = Missing {
        resource: direct.is_empty() && via.is_empty() && account.is_empty(),
        identity: identity.is_empty() && (who.kind != RequesterKind::Root || who.is_stranger), // EVL-14, EVL-21
        boundary: present(Member::Boundary) && allows(layer(Member::Boundary)).next().is_none(),
        session: match present(Member::Session) {
            true => allows(layer(Member::Session)).next().is_none(),
            false => who.kind == RequesterKind::FederatedUser, // EVL-15
        },
    };
    let resource_statements = [&direct[..], &via, &account].concat();
    let capped = !missing.boundary && !missing.session;

    let mut paths: Vec<Vec<StatementId>> = Vec::new();
    let other_partition =
        resource.arn.as_ref().is_some_and(|(partition, ..)| who.partition.as_ref() != Some(partition));
    let ways_blocked: Vec<Layer>;
    if who.account.is_none() {
        // 4. EVL-30.
        if !direct.is_empty() {
            paths.push(direct);
        }
        ways_blocked = vec![layer(Member::Resource)];
    } else if other_partition {
        // 5. EVL-24: nothing could allow, so nothing is missing.
        ways_blocked = Vec::new();
    } else if resource.account != who.account {
        // 6. EVL-20 to EVL-23.
        if !missing.resource && !missing.identity && capped {
            paths.push([identity, resource_statements].concat());
        }
        ways_blocked = missing.layers(true, true);
    } else {
        // 7. The same account.
        let must = resource.must_allow || must_allow(&request.action, resource);
        let root = who.kind == RequesterKind::Root;
        if !direct.is_empty() {
            paths.push(direct); // EVL-10
        }
        if !via.is_empty() && capped {
            paths.push(via.clone()); // EVL-11
        }
        if !missing.identity && capped && !must {
            paths.push(identity); // EVL-13, EVL-14
        } else if !missing.identity && capped && must && !root && !missing.resource {
            paths.push([identity, account].concat()); // EVL-40
        }
        // With a ROLE or PARENT Allow neither identity nor more of the resource policy is needed.
        ways_blocked = missing.layers(must && via.is_empty(), via.is_empty());
    }

    let granted = !paths.is_empty();
    if !granted {
        blocking.extend(ways_blocked);
    }
    let caps = hits.iter().filter(|hit| !matches!(hit.layer.member, Member::Identity | Member::Resource));
    let supporting = caps.map(|hit| hit.id).collect();
    if granted && blocking.is_empty() {
        Outcome { decision: Decision::Allow, by: paths.concat(), supporting, blocking }
    } else {
        Outcome { decision: Decision::ImplicitDeny, by: Vec::new(), supporting, blocking }
    }
}

/// Which layers have no applicable Allow although they are present or needed.
struct Missing {
    resource: bool,
    identity: bool,
    boundary: bool,
    session: bool,
}

impl Missing {
    /// EVL-52: the layers among these whose Allow is missing.
    fn layers(&self, resource_needed: bool, identity_needed: bool) -> Vec<Layer> {
        let layers = [
            (self.resource && resource_needed, Member::Resource),
            (self.identity && identity_needed, Member::Identity),
            (self.boundary, Member::Boundary),
            (self.session, Member::Session),
        ];
        let missing = layers.into_iter().filter(|(missing, _)| *missing);
        missing.map(|(_, member)| Layer { member, level: 0 }).collect()
    }
}

/// EVL-41 (a), (b).
fn must_allow(action: &str, resource: &Resource) -> bool {
    let Some((_, service, rest)) = &resource.arn else { return false };
    (action.to_ascii_lowercase().starts_with("kms:") && rest.starts_with("key/"))
        || (is_assuming(action) && service == "iam" && rest.starts_with("role/"))
}
