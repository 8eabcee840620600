//! The session record of a request in bundle mode: who may have which parts of one, and the keys that it gives
//! (DIR-4, DIR-5, DIR-14, CTX-7).

use super::principals::{Requester, RequesterKind};
use super::request::{KEY_BYTES, VALUE_BYTES, need};
use crate::request::{ContextValue, Principal, RequestError, SessionRecord};

/// Tags that one session may have.
const TAGS: usize = 50;
pub(super) const PRINCIPAL_TAG: &str = "aws:principaltag/";

/// Checks a record, and lets it complete a federated-user session by the user that made it. True where that is the root user.
pub(super) fn check(record: &SessionRecord, who: &mut Requester) -> Result<bool, RequestError> {
    check_facts(record)?;
    let is_federated = who.kind == RequesterKind::FederatedUser;
    let is_session = is_federated || matches!(who.kind, RequesterKind::Role | RequesterKind::Session);
    let has_own = record.has_policies() || !record.tags.is_empty();
    need(is_session || !has_own, "DIR-14", "session policies or tags of a requester that is no session")?;
    let Some(issuer) = &record.issuer_user else { return Ok(false) };
    let issuer = Requester::new(&Principal::Arn(issuer.clone()))?;
    let is_root = issuer.kind == RequesterKind::Root;
    need(is_root || issuer.kind == RequesterKind::User, "DIR-5", "the issuer is no user")?;
    need(is_federated, "DIR-5", "only a federated-user session has an issuer")?;
    let is_own_account = (&issuer.partition, &issuer.account) == (&who.partition, &who.account);
    need(is_own_account, "DIR-5", "the issuer is of another account")?;
    let is_other = who.creator.as_ref().is_some_and(|creator| *creator != issuer.arn);
    need(!is_other, "DIR-5", "the issuer is not the user that the principal names")?;
    if !is_root {
        who.creator = Some(issuer.arn);
    }
    Ok(is_root)
}

fn check_facts(record: &SessionRecord) -> Result<(), RequestError> {
    need(record.tags.len() <= TAGS, "LIM-2", "too many session tags")?;
    for (at, (key, value)) in record.tags.iter().enumerate() {
        let whole = PRINCIPAL_TAG.len() + key.len();
        need(!key.is_empty() && whole <= KEY_BYTES, "LIM-2", "the key of a session tag is empty or too long")?;
        need(value.len() <= VALUE_BYTES, "LIM-2", "the value of a session tag is too long")?;
        let is_twice = record.tags[..at].iter().any(|(other, _)| other.eq_ignore_ascii_case(key));
        need(!is_twice, "CTX-23", "two session tags differ in letter case only")?;
    }
    let texts = [&record.source_identity, &record.issuer_user, &record.issued_at, &record.provider];
    let is_short = texts.into_iter().flatten().all(|text| text.len() <= VALUE_BYTES);
    need(is_short, "LIM-2", "a fact of the session is too long")
}

/// The keys of 10.2 that the record gives; what it does not say is the caller's to state.
pub(super) fn facts(record: &SessionRecord) -> Vec<(String, Option<ContextValue>)> {
    let facts = [
        ("aws:sourceidentity", record.source_identity.clone()),
        ("aws:multifactorauthpresent", record.mfa_present.map(|it| it.to_string())),
        ("aws:multifactorauthage", record.mfa_age.map(|it| it.to_string())),
        ("aws:tokenissuetime", record.issued_at.clone()),
        ("aws:federatedprovider", record.provider.clone()),
    ];
    let there = facts.into_iter().filter_map(|(key, fact)| Some((key.to_owned(), fact?)));
    there.map(|(key, fact)| (key, Some(ContextValue::One(fact)))).collect()
}
