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
    pub(crate) core: Option<CoreKey>,
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
