//! A session: what its authentication layer states of it (DIR-14, CTX-7), and its policies as a verified overlay.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::bundle::{Bundle, BundleError, Section, View, members};
use crate::context::{SessionKey, Value};
use crate::decision::StatementId;
use crate::directory::MANAGED_WORDS;
use crate::limits::*;
use crate::principal::{Principal, Requester, RequesterKind};

/// Facts of a session, stated by the authentication layer and never by the end client (CTX-7).
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionFacts<'a> {
    /// Session tags; they stand before tags of the role or user of the same key, whatever its letter case (CTX-23).
    pub tags: &'a [(&'a str, &'a str)],
    /// `aws:SourceIdentity`.
    pub source_identity: Option<&'a str>,
    /// ARN of the user, or root user, that made a federated-user session (DIR-5).
    pub issuer_user: Option<&'a str>,
    /// `aws:MultiFactorAuthPresent`; absent for long-term credentials (CTX-20).
    pub mfa_present: Option<bool>,
    /// `aws:MultiFactorAuthAge`, in seconds.
    pub mfa_age: Option<u64>,
    /// `aws:TokenIssueTime`, as a date of CND-40.
    pub issued_at: Option<&'a str>,
    /// `aws:FederatedProvider`.
    pub provider: Option<&'a str>,
}

/// Why there is no such session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionError {
    /// The overlay's bytes are no bundle.
    Overlay(BundleError),
    /// They are a bundle and no overlay of session policies.
    NoOverlay,
    /// The overlay was made for another bundle.
    OtherBundle,
    /// It names a managed policy that the bundle does not have there.
    Managed,
    /// It could need more room than a machine has.
    TooLarge,
    /// A tag, or another fact, is longer than a context key or value may be (LIM-2), or there are too many tags.
    Limit,
    /// Two tags are equal but for letter case (CTX-23).
    TagRepeated,
    /// The issuer is no ARN of a user or root user.
    Issuer,
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SessionError::Overlay(error) => return write!(f, "the overlay: {error}"),
            SessionError::NoOverlay => "the bytes are a bundle and no overlay of session policies",
            SessionError::OtherBundle => "the overlay was made for another bundle",
            SessionError::Managed => "the overlay names a managed policy that the bundle does not hold",
            SessionError::TooLarge => "more action patterns can match one action than a machine has room for",
            SessionError::Limit => "a tag or another fact is too long, or there are too many tags",
            SessionError::TagRepeated => "two session tags are equal but for letter case",
            SessionError::Issuer => "the issuer is no ARN of a user or root user",
        })
    }
}

impl core::error::Error for SessionError {}

/// One session of a role or federated user, against one bundle: verified once, then shared by any number of requests and
/// threads. Takes the overlay's bytes and those of the facts.
pub struct Session {
    pub(crate) generation: u64,
    overlay: Option<Bundle<Vec<u8>>>,
    /// Roots of the managed policies, in the bundle.
    managed: Vec<u32>,
    tags: Vec<(String, String)>,
    facts: [Option<String>; SessionKey::ALL.len()],
    issuer: Option<String>,
}

impl<B: AsRef<[u8]>> Bundle<B> {
    /// Where the tree of a managed policy begins, for overlays of session policies that name it; `None` if the bundle does
    /// not hold it.
    pub fn managed_policy(&self, arn: &str) -> Option<u32> {
        self.view().find_managed(arn)
    }
}

impl Session {
    /// Reads and verifies what [`compile_session`] wrote, and takes the facts in. O(bytes).
    ///
    /// [`compile_session`]: https://docs.rs/dictum-compiler
    ///
    /// # Errors
    /// The first reason for which there is no such session.
    pub fn from_bytes<B: AsRef<[u8]>>(
        bundle: &Bundle<B>,
        overlay: Vec<u8>,
        facts: SessionFacts<'_>,
    ) -> Result<Session, SessionError> {
        let overlay = Bundle::from_bytes(overlay).map_err(SessionError::Overlay)?;
        let meta = overlay.meta();
        let base = u64::from(meta.base_high) << 32 | u64::from(meta.base_low);
        if meta.members & !members::SESSION != 0 || meta.directory != 0 || base == 0 {
            return Err(SessionError::NoOverlay);
        }
        if base != bundle.generation() {
            return Err(SessionError::OtherBundle);
        }
        if meta.chain_max as usize > OVERLAY_CHAIN_MAX {
            return Err(SessionError::TooLarge);
        }
        let rows = overlay.view().words(Section::Managed);
        let named = (0..rows.len() / MANAGED_WORDS).map(|row| row * MANAGED_WORDS);
        let managed: Option<Vec<u32>> = named
            .map(|at| {
                let arn = overlay.view().strings().text(rows.at(at));
                bundle.view().find_managed(arn).filter(|&root| root == rows.at(at + 1))
            })
            .collect();
        let session = Session::of_facts(bundle, facts)?;
        Ok(Session { overlay: Some(overlay), managed: managed.ok_or(SessionError::Managed)?, ..session })
    }

    /// A session without policies.
    ///
    /// # Errors
    /// The first fact that cannot be one.
    pub fn of_facts<B: AsRef<[u8]>>(bundle: &Bundle<B>, facts: SessionFacts<'_>) -> Result<Session, SessionError> {
        let texts = [facts.source_identity, facts.issued_at, facts.provider, facts.issuer_user];
        let mut long = texts.into_iter().flatten().chain(facts.tags.iter().map(|tag| tag.1));
        let long_key =
            facts.tags.iter().any(|tag| tag.0.is_empty() || tag.0.len() + TAG_PREFIX > CONTEXT_KEY_BYTES_MAX);
        if facts.tags.len() > SESSION_TAGS_MAX || long_key || long.any(|text| text.len() > CONTEXT_VALUE_BYTES_MAX) {
            return Err(SessionError::Limit);
        }
        for (i, (key, _)) in facts.tags.iter().enumerate() {
            if facts.tags[..i].iter().any(|(other, _)| other.eq_ignore_ascii_case(key)) {
                return Err(SessionError::TagRepeated);
            }
        }
        if let Some(issuer) = facts.issuer_user {
            let who = Requester::parse(Principal::Arn(issuer)).map_err(|_| SessionError::Issuer)?;
            if !matches!(who.kind, RequesterKind::User | RequesterKind::Root) {
                return Err(SessionError::Issuer);
            }
        }
        let fact = |key| match key {
            SessionKey::SourceIdentity => facts.source_identity.map(String::from),
            SessionKey::MultiFactorAuthPresent => facts.mfa_present.map(|there| alloc::format!("{there}")),
            SessionKey::MultiFactorAuthAge => facts.mfa_age.map(|age| alloc::format!("{age}")),
            SessionKey::TokenIssueTime => facts.issued_at.map(String::from),
            SessionKey::FederatedProvider => facts.provider.map(String::from),
        };
        let mut owned = [const { None }; SessionKey::ALL.len()];
        SessionKey::ALL.iter().for_each(|&key| owned[key as usize] = fact(key));
        Ok(Session {
            generation: bundle.generation(),
            overlay: None,
            managed: Vec::new(),
            tags: facts.tags.iter().map(|&(key, value)| (key.into(), value.into())).collect(),
            facts: owned,
            issuer: facts.issuer_user.map(String::from),
        })
    }

    /// Whether session policies were passed; then they must allow (EVL-15).
    pub fn has_policies(&self) -> bool {
        !self.managed.is_empty() || self.overlay().is_some()
    }

    /// The policies that are the session's own, to name what an explanation tells of them; managed ones are the bundle's.
    pub fn overlay(&self) -> Option<&Bundle<Vec<u8>>> {
        self.overlay.as_ref().filter(|overlay| overlay.meta().members & members::SESSION != 0)
    }

    pub(crate) fn managed(&self) -> &[u32] {
        &self.managed
    }

    /// The value of a session tag, whatever the letter case of its key.
    pub(crate) fn tag(&self, key: &str) -> Option<&str> {
        self.tags.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn tag_keys(&self) -> impl Iterator<Item = &str> {
        self.tags.iter().map(|(key, _)| key.as_str())
    }

    pub(crate) fn has_tags(&self) -> bool {
        !self.tags.is_empty()
    }

    pub(crate) fn fact(&self, key: SessionKey) -> Option<Value<'_>> {
        self.facts[key as usize].as_deref().map(Value::One)
    }

    pub(crate) fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// The overlay and the number in it of a statement that an explanation names: those of the bundle come first. `None`
    /// for a statement of the bundle.
    pub fn statement<B: AsRef<[u8]>>(
        &self,
        bundle: &Bundle<B>,
        id: StatementId,
    ) -> Option<(&Bundle<Vec<u8>>, StatementId)> {
        let number = id.0.checked_sub(bundle.statement_count())?;
        Some((self.overlay()?, StatementId(number)))
    }

    pub(crate) fn view(&self) -> Option<View<'_>> {
        self.overlay().map(Bundle::view)
    }
}

/// Bytes of `aws:PrincipalTag/`.
const TAG_PREFIX: usize = 17;

const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<Session>();
};
