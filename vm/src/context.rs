//! The context of a request: condition keys and their values, as a caller gives them.

use crate::scan::is_same_key;
use crate::value::number::Number;

/// What one context key holds (CND-10). A null, an object or a nested list cannot be written (CND-11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A single value. Numbers and booleans are their text (GRM-28): see the conversions.
    One(&'a str),
    /// A multivalued key, however many values it has.
    Many(&'a [&'a str]),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::One(text)
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Value::One(if value { "true" } else { "false" })
    }
}

impl<'a> From<&'a Number> for Value<'a> {
    fn from(number: &'a Number) -> Self {
        Value::One(number.as_str())
    }
}

impl<'a> From<&'a [&'a str]> for Value<'a> {
    fn from(values: &'a [&'a str]) -> Self {
        Value::Many(values)
    }
}

impl<'a> Value<'a> {
    /// The value, or `None` where it counts as absent: an empty list, or a list of nothing but empty texts (CND-12).
    pub(crate) fn present(self) -> Option<Self> {
        match self {
            Value::Many(values) if values.iter().all(|value| value.is_empty()) => None,
            _ => Some(self),
        }
    }
}

/// A context that is asked for a key only when a decision needs it.
///
/// It is asked with the key's spelling in the policies, must compare without regard to ASCII case, and must give the
/// same answer each time. It may be asked several times, and is asked for the derived keys of CTX-2 when the request
/// is built. A value beyond LIM-2 that only a decision meets makes that decision a denial.
pub trait ContextSource {
    /// What the request has under a key.
    fn get(&self, key: &str) -> Option<Value<'_>>;
}

/// A context key, looked up once in a bundle.
#[derive(Clone, Copy, Debug)]
pub struct KeyHandle {
    pub(crate) generation: u64,
    /// Of the key in lower case, so that equal hashes are equal keys (CND-5); `None` for a key that is too long (LIM-2).
    pub(crate) hash: Option<u64>,
    /// `u32::MAX` for a key that no policy of the bundle names.
    pub(crate) slot: u32,
    pub(crate) derived: Option<DerivedKey>,
}

/// A context value, looked up once in a bundle.
#[derive(Clone, Copy, Debug)]
pub struct ValueHandle<'a> {
    pub(crate) generation: u64,
    pub(crate) value: Value<'a>,
    /// String id of a single value; [`NO_SYMBOL`] if the bundle does not hold its text.
    pub(crate) symbol: u32,
}

/// No string of the bundle has this text.
pub(crate) const NO_SYMBOL: u32 = u32::MAX;

/// The context of a request, in the form that suits the caller.
#[derive(Clone, Copy)]
pub enum Context<'a> {
    /// Keys and values.
    Pairs(&'a [(&'a str, Value<'a>)]),
    /// Keys and values that were looked up beforehand.
    Handles(&'a [(KeyHandle, ValueHandle<'a>)]),
    /// Asked only for the keys that matter.
    Source(&'a dyn ContextSource),
}

macro_rules! core_keys {
    ($($name:ident $text:literal;)*) => {
        /// A key that is derived from the request itself (CTX-2).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "the names are IAM's")]
        pub enum CoreKey { $($name),* }

        impl CoreKey {
            /// Every derived key.
            pub const ALL: &'static [CoreKey] = &[$(CoreKey::$name),*];

            /// The key as IAM spells it.
            pub const fn name(self) -> &'static str {
                match self { $(CoreKey::$name => $text),* }
            }
        }
    };
}

core_keys! {
    PrincipalArn "aws:PrincipalArn";
    PrincipalAccount "aws:PrincipalAccount";
    PrincipalType "aws:PrincipalType";
    PrincipalIsAwsService "aws:PrincipalIsAWSService";
    PrincipalServiceName "aws:PrincipalServiceName";
    PrincipalServiceNamesList "aws:PrincipalServiceNamesList";
    UserName "aws:username";
    UserId "aws:userid";
    ResourceAccount "aws:ResourceAccount";
}

impl CoreKey {
    /// The derived key of a name, whatever its letter case (CND-4).
    #[inline]
    pub fn from_name(name: &str) -> Option<CoreKey> {
        // PERF: no two of the nine names are of one length, so at most one comparison is needed.
        const BY_LENGTH: [Option<CoreKey>; 32] = {
            let mut keys = [None; 32];
            let mut i = 0;
            while i < CoreKey::ALL.len() {
                let length = CoreKey::ALL[i].name().len();
                assert!(keys[length].is_none());
                keys[length] = Some(CoreKey::ALL[i]);
                i += 1;
            }
            keys
        };
        let key = *BY_LENGTH.get(name.len())?;
        key.filter(|key| is_same_key(key.name().as_bytes(), name.as_bytes()))
    }

    /// The key of a number in a bundle.
    #[inline]
    pub fn from_number(number: u32) -> Option<CoreKey> {
        CoreKey::ALL.get(number as usize).copied()
    }
}

macro_rules! further_keys {
    ($(#[doc = $doc:literal])* $kind:ident from $first:literal: $($name:ident $text:literal;)*) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "the names are IAM's")]
        pub enum $kind { $($name),* }

        impl $kind {
            /// Every one of them.
            pub const ALL: &'static [$kind] = &[$($kind::$name),*];
            const FIRST: u32 = $first;

            /// The key as IAM spells it, or what stands before a tag's key.
            pub const fn name(self) -> &'static str {
                match self { $($kind::$name => $text),* }
            }
        }
    };
}

further_keys! {
    /// A key that a directory gives (CTX-4).
    DirectoryKey from 16:
    PrincipalOrgId "aws:PrincipalOrgID";
    PrincipalOrgMasterAccount "aws:PrincipalOrgMasterAccount";
    PrincipalOrgPaths "aws:PrincipalOrgPaths";
    ResourceOrgId "aws:ResourceOrgID";
    ResourceOrgPaths "aws:ResourceOrgPaths";
    PrincipalTag "aws:PrincipalTag/";
    ResourceTag "aws:ResourceTag/";
}

further_keys! {
    /// A key that a session record may give (CTX-7, semantics.md 10.2); the caller may state it instead.
    SessionKey from 32:
    SourceIdentity "aws:SourceIdentity";
    MultiFactorAuthPresent "aws:MultiFactorAuthPresent";
    MultiFactorAuthAge "aws:MultiFactorAuthAge";
    TokenIssueTime "aws:TokenIssueTime";
    FederatedProvider "aws:FederatedProvider";
}

impl DirectoryKey {
    /// The key of a name, whatever its letter case (CND-4); a tag's whatever the tag.
    #[inline]
    pub fn from_name(name: &str) -> Option<DirectoryKey> {
        // PERF: nearly every key of a context ends here, by its length or by one letter.
        let exact = match name.len() {
            17 => DirectoryKey::ResourceOrgId,
            18 => DirectoryKey::PrincipalOrgId,
            20 => DirectoryKey::ResourceOrgPaths,
            21 => DirectoryKey::PrincipalOrgPaths,
            29 => DirectoryKey::PrincipalOrgMasterAccount,
            _ => return DirectoryKey::of_tag(name),
        };
        match is_same_key(exact.name().as_bytes(), name.as_bytes()) {
            true => Some(exact),
            false => DirectoryKey::of_tag(name),
        }
    }

    fn of_tag(name: &str) -> Option<DirectoryKey> {
        [DirectoryKey::PrincipalTag, DirectoryKey::ResourceTag].into_iter().find(|key| key.tag_of(name).is_some())
    }

    /// What stands behind the prefix of this key in a name.
    #[inline]
    pub(crate) fn tag_of(self, name: &str) -> Option<&str> {
        let prefix = self.name();
        let head = name.as_bytes().get(..prefix.len())?;
        let tag = name.get(prefix.len()..).filter(|tag| !tag.is_empty())?;
        head.eq_ignore_ascii_case(prefix.as_bytes()).then_some(tag)
    }
}

impl SessionKey {
    /// The key of a name, whatever its letter case (CND-4).
    pub fn from_name(name: &str) -> Option<SessionKey> {
        SessionKey::ALL.iter().copied().find(|key| is_same_key(key.name().as_bytes(), name.as_bytes()))
    }
}

/// A key that does not come from the caller's context, or need not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DerivedKey {
    /// From the request itself.
    Core(CoreKey),
    /// From the directory.
    Directory(DirectoryKey),
    /// From the session record.
    Session(SessionKey),
}

impl DerivedKey {
    /// The number of a key that is none of them.
    pub const NONE: u32 = 255;

    /// The derived key of a name, whatever its letter case.
    pub fn from_name(name: &str) -> Option<DerivedKey> {
        let core = CoreKey::from_name(name).map(DerivedKey::Core);
        core.or_else(|| DirectoryKey::from_name(name).map(DerivedKey::Directory))
            .or_else(|| SessionKey::from_name(name).map(DerivedKey::Session))
    }

    /// Its number in a bundle.
    #[inline]
    pub const fn number(self) -> u32 {
        match self {
            DerivedKey::Core(key) => key as u32,
            DerivedKey::Directory(key) => DirectoryKey::FIRST + key as u32,
            DerivedKey::Session(key) => SessionKey::FIRST + key as u32,
        }
    }

    /// The number of a name: that of its key, or [`DerivedKey::NONE`].
    pub fn number_of(name: &str) -> u32 {
        DerivedKey::from_name(name).map_or(DerivedKey::NONE, DerivedKey::number)
    }

    /// The key of a number in a bundle.
    #[inline]
    pub fn from_number(number: u32) -> Option<DerivedKey> {
        if number < DirectoryKey::FIRST {
            return CoreKey::from_number(number).map(DerivedKey::Core);
        }
        if number < SessionKey::FIRST {
            let key = DirectoryKey::ALL.get((number - DirectoryKey::FIRST) as usize)?;
            return Some(DerivedKey::Directory(*key));
        }
        SessionKey::ALL.get((number - SessionKey::FIRST) as usize).map(|key| DerivedKey::Session(*key))
    }
}
