//! A case's request, read from its JSON text: what only the JSON can show wrong is refused here (ERR-1, E-REQUEST).
//!
//! Wrong types, nested lists, null, lone surrogates, unknown and repeated members end here. What the texts mean (REQ-1 to
//! REQ-6, CND-5, CTX-3, LIM-2) is for the evaluators, each of which checks it for itself.

use std::fmt;

use dictum_vm::value::number::Number;
use serde_json::value::RawValue;

use crate::raw::{self, Shape};

/// A request as a case gives it: the right shape, its texts not yet looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRequest {
    /// Who asks.
    pub principal: Principal,
    /// The action.
    pub action: String,
    /// The resources: one, or those of a list, in order; a list may be empty.
    pub resources: Vec<String>,
    /// The owner of the resource, if given.
    pub resource_account: Option<String>,
    /// The context in document order. No key is repeated letter by letter; two may still differ in case only (CND-5).
    pub context: Vec<(String, ContextValue)>,
    /// The record of the session (DIR-14), for a bundle with a directory.
    pub session: Option<SessionRecord>,
}

/// What the authentication layer states of a session (DIR-2, CTX-7), as a request writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionRecord {
    /// Session policies: name and JSON text.
    pub policies: Vec<(String, String)>,
    /// ARNs of managed policies that are session policies too.
    pub managed: Vec<String>,
    /// Session tags.
    pub tags: Vec<(String, String)>,
    /// Keys of the tags that go along when the session assumes another role; no decision reads them.
    pub transitive: Vec<String>,
    /// `aws:SourceIdentity`.
    pub source_identity: Option<String>,
    /// ARN of the user that made a federated-user session.
    pub issuer_user: Option<String>,
    /// `aws:MultiFactorAuthPresent`.
    pub mfa_present: Option<bool>,
    /// `aws:MultiFactorAuthAge`.
    pub mfa_age: Option<u64>,
    /// `aws:TokenIssueTime`.
    pub issued_at: Option<String>,
    /// `aws:FederatedProvider`.
    pub provider: Option<String>,
}

impl SessionRecord {
    /// Whether session policies were passed.
    pub fn has_policies(&self) -> bool {
        !self.policies.is_empty() || !self.managed.is_empty()
    }
}

/// Who asks (PRN-1), as the case writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// A text, which should be an ARN.
    Arn(String),
    /// A role session with its role.
    Session {
        /// The session's ARN.
        session: String,
        /// The role's ARN.
        role: String,
    },
    /// A federated-user session with the user that made it.
    FederatedUser {
        /// The session's ARN.
        session: String,
        /// The user's ARN.
        user: String,
    },
    /// A service.
    Service(String),
    /// An identity provider's user.
    Federated(String),
    /// A canonical user id.
    CanonicalUser(String),
    /// Nobody.
    Anonymous,
}

/// The value of a context key; numbers and booleans as texts (GRM-28).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContextValue {
    /// Single-valued.
    One(String),
    /// Multivalued, however many there are (CND-10).
    Many(Vec<String>),
}

/// A request that is none: E-REQUEST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestError {
    /// The rule that it breaks.
    pub rule: &'static str,
    /// What is wrong.
    pub what: &'static str,
    /// The text that is, where there is one.
    pub text: Option<String>,
}

impl RequestError {
    /// Its class (ERR-1).
    pub const CODE: &'static str = "E-REQUEST";

    /// An error without a text of the request.
    pub fn new(rule: &'static str, what: &'static str) -> RequestError {
        RequestError { rule, what, text: None }
    }

    /// An error about a text of the request.
    pub fn about(rule: &'static str, what: &'static str, text: &str) -> RequestError {
        RequestError { rule, what, text: Some(text.to_owned()) }
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.text {
            // Messages are for people: the beginning of a long text says which it is.
            Some(text) if text.chars().count() > 80 => {
                let start: String = text.chars().take(80).collect();
                write!(f, "{}: `{start}...` ({})", self.what, self.rule)
            }
            Some(text) => write!(f, "{}: `{text}` ({})", self.what, self.rule),
            None => write!(f, "{} ({})", self.what, self.rule),
        }
    }
}

impl std::error::Error for RequestError {}

const FORMAT: &str = "case format";

/// Reads a request from its JSON text.
///
/// # Errors
/// The first thing in it that no request may have.
pub fn parse(text: &str) -> Result<CaseRequest, RequestError> {
    let raw = raw::scan(text).map_err(|_| RequestError::new(FORMAT, "the request is not JSON"))?;
    let [principal, action, resource, resource_account, context, session] =
        fields(raw, "the request", ["principal", "action", "resource", "resource_account", "context", "session"])?;
    let needed = |field: Option<_>, what| field.ok_or(RequestError::new(FORMAT, what));
    Ok(CaseRequest {
        principal: read_principal(needed(principal, "the request has no principal")?)?,
        action: string(needed(action, "the request has no action")?, "the action is not a text")?,
        resources: read_resources(needed(resource, "the request has no resource")?)?,
        resource_account: resource_account.map(|raw| string(raw, "`resource_account` is not a text")).transpose()?,
        context: context.map_or(Ok(Vec::new()), read_context)?,
        session: session.map(read_session).transpose()?,
    })
}

const SESSION: [&str; 9] =
    ["policies", "managed", "tags", "transitive", "source_identity", "issuer_user", "mfa", "issued_at", "provider"];

fn read_session(raw: &RawValue) -> Result<SessionRecord, RequestError> {
    let [policies, managed, tags, transitive, source_identity, issuer_user, mfa, issued_at, provider] =
        fields(raw, "session", SESSION)?;
    let [mfa_present, mfa_age] = match mfa {
        Some(mfa) => fields(mfa, "mfa", ["present", "age"])?,
        None => [None; 2],
    };
    let texts = |raw: Option<&RawValue>, what| match raw {
        None => Ok(Vec::new()),
        Some(raw) => {
            let elements = raw::elements(raw).map_err(|_| RequestError::new(FORMAT, what))?;
            elements.into_iter().map(|raw| string(raw, what)).collect()
        }
    };
    let text = |raw: Option<&RawValue>| raw.map(|raw| string(raw, "a fact of the session is not a text")).transpose();
    let record = SessionRecord {
        policies: policies.map_or(Ok(Vec::new()), read_session_policies)?,
        managed: texts(managed, "`managed` is not a list of texts")?,
        tags: tags.map_or(Ok(Vec::new()), read_tags)?,
        transitive: texts(transitive, "`transitive` is not a list of texts")?,
        source_identity: text(source_identity)?,
        issuer_user: text(issuer_user)?,
        mfa_present: mfa_present.map(read_bool).transpose()?,
        mfa_age: mfa_age.map(read_age).transpose()?,
        issued_at: text(issued_at)?,
        provider: text(provider)?,
    };
    let is_tag = |key: &&String| record.tags.iter().any(|(tag, _)| tag.eq_ignore_ascii_case(key));
    match record.transitive.iter().find(|key| !is_tag(key)) {
        Some(key) => Err(RequestError::about("DIR-2", "a transitive key without a session tag", key)),
        None => Ok(record),
    }
}

/// `[{"name": …, "policy": {…}}, …]`.
fn read_session_policies(raw: &RawValue) -> Result<Vec<(String, String)>, RequestError> {
    let what = "`policies` is not a list of `{\"name\", \"policy\"}`";
    let elements = raw::elements(raw).map_err(|_| RequestError::new(FORMAT, what))?;
    let read = |raw| {
        let [name, policy] = fields(raw, "a session policy", ["name", "policy"])?;
        let (Some(name), Some(policy)) = (name, policy) else { return Err(RequestError::new(FORMAT, what)) };
        Ok((string(name, what)?, policy.get().to_owned()))
    };
    elements.into_iter().map(read).collect()
}

fn read_tags(raw: &RawValue) -> Result<Vec<(String, String)>, RequestError> {
    let read = |(key, raw)| Ok((key, string(raw, "the value of a session tag is not a text")?));
    members(raw, "tags")?.into_iter().map(read).collect()
}

fn read_bool(raw: &RawValue) -> Result<bool, RequestError> {
    match raw::shape(raw) {
        Shape::Bool(value) => Ok(value),
        _ => Err(RequestError::new(FORMAT, "`present` is neither `true` nor `false`")),
    }
}

fn read_age(raw: &RawValue) -> Result<u64, RequestError> {
    raw.get().parse().map_err(|_| RequestError::new(FORMAT, "`age` is no whole number of seconds"))
}

/// The members of an object, each once, with names that are texts.
fn members<'a>(raw: &'a RawValue, what: &'static str) -> Result<Vec<(String, &'a RawValue)>, RequestError> {
    let members =
        raw::members(raw).map_err(|_| RequestError::about(FORMAT, "an object with texts as names is due", what))?;
    let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(RequestError::about(FORMAT, "a member of the request occurs twice", pair[0])),
        None => Ok(members),
    }
}

/// The members of `raw` by the names `known`, and no others.
fn fields<'a, const N: usize>(
    raw: &'a RawValue,
    what: &'static str,
    known: [&str; N],
) -> Result<[Option<&'a RawValue>; N], RequestError> {
    let mut out = [None; N];
    for (name, value) in members(raw, what)? {
        match known.iter().position(|it| *it == name) {
            Some(at) => out[at] = Some(value),
            None => return Err(RequestError::about(FORMAT, "an unknown member in the request", &name)),
        }
    }
    Ok(out)
}

fn string(raw: &RawValue, what: &'static str) -> Result<String, RequestError> {
    raw::text(raw).ok_or(RequestError::new(FORMAT, what))
}

fn read_principal(raw: &RawValue) -> Result<Principal, RequestError> {
    if raw::shape(raw) == Shape::String {
        return string(raw, "the principal is not a text").map(Principal::Arn);
    }
    let members = members(raw, "principal")?;
    let text = |raw| string(raw, "a member of the principal is not a text");
    let find = |wanted: &str| members.iter().find(|(name, _)| name == wanted).map(|(_, value)| *value);
    match members.as_slice() {
        [(name, value)] => match name.as_str() {
            "service" => text(value).map(Principal::Service),
            "federated" => text(value).map(Principal::Federated),
            "canonical_user" => text(value).map(Principal::CanonicalUser),
            "anonymous" if raw::shape(value) == Shape::Bool(true) => Ok(Principal::Anonymous),
            "anonymous" => Err(RequestError::new(FORMAT, "`anonymous` is not `true`")),
            name => Err(RequestError::about(FORMAT, "no principal has the only member", name)),
        },
        [_, _] => match (find("session"), find("role"), find("user")) {
            (Some(session), Some(role), None) => Ok(Principal::Session { session: text(session)?, role: text(role)? }),
            (Some(session), None, Some(user)) => {
                Ok(Principal::FederatedUser { session: text(session)?, user: text(user)? })
            }
            _ => Err(RequestError::new(FORMAT, "no principal has these two members")),
        },
        _ => Err(RequestError::new(FORMAT, "no principal has that number of members")),
    }
}

fn read_resources(raw: &RawValue) -> Result<Vec<String>, RequestError> {
    let resource = |raw| string(raw, "a resource is not a text");
    match raw::elements(raw) {
        Ok(elements) => elements.into_iter().map(resource).collect(),
        Err(_) => Ok(vec![resource(raw)?]),
    }
}

fn read_context(raw: &RawValue) -> Result<Vec<(String, ContextValue)>, RequestError> {
    members(raw, "context")?.into_iter().map(|(key, raw)| read_value(raw).map(|value| (key, value))).collect()
}

fn read_value(raw: &RawValue) -> Result<ContextValue, RequestError> {
    match raw::elements(raw) {
        Ok(elements) => elements.into_iter().map(scalar).collect::<Result<_, _>>().map(ContextValue::Many),
        Err(_) => scalar(raw).map(ContextValue::One),
    }
}

/// GRM-28, CND-11: the text of a string, number or boolean.
fn scalar(raw: &RawValue) -> Result<String, RequestError> {
    match raw::shape(raw) {
        Shape::String => string(raw, "a context value is not a text"),
        Shape::Bool(value) => Ok(value.to_string()),
        Shape::Number(digits) => match Number::from_json(digits) {
            Ok(number) => Ok(number.as_str().to_owned()),
            Err(_) => Err(RequestError::about("GRM-28", "a context number has too many digits", digits)),
        },
        Shape::Null | Shape::Array | Shape::Object => {
            Err(RequestError::new("CND-11", "a context value is null, an object or a nested list"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(principal: &str, rest: &str) -> Result<CaseRequest, RequestError> {
        parse(&format!(r#"{{"principal":{principal},"action":"s3:Get","resource":"*"{rest}}}"#))
    }

    #[test]
    fn values_keep_their_digits_and_shape() {
        let context = r#","context":{"a:n":10.50,"a:e":1e3,"a:b":true,"a:m":["x",-0.0],"a:big":12345678901234567890}"#;
        let context = request(r#"{"anonymous":true}"#, context).unwrap().context;
        let one = |text: &str| ContextValue::One(text.to_owned());
        let values: Vec<_> = context.into_iter().map(|(_, value)| value).collect();
        let many = ContextValue::Many(vec!["x".into(), "0".into()]);
        assert_eq!(values, [one("10.5"), one("1000"), one("true"), many, one("12345678901234567890")]);
    }

    #[test]
    fn principals() {
        let principal = |text| request(text, "").map(|request| request.principal);
        assert_eq!(principal(r#""arn""#), Ok(Principal::Arn("arn".into())));
        let session = Principal::Session { session: "s".into(), role: "r".into() };
        assert_eq!(principal(r#"{"role":"r","session":"s"}"#), Ok(session));
        for bad in [
            "1",
            "null",
            "[]",
            "{}",
            r#"{"anonymous":false}"#,
            r#"{"Service":"x"}"#,
            r#"{"service":1}"#,
            r#"{"service":"x","service":"x"}"#,
            r#"{"session":"s","role":"r","user":"u"}"#,
            r#"{"user":"u","role":"r"}"#,
            r#""\ud800""#,
        ] {
            assert!(principal(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_no_request_may_have() {
        for bad in [
            r#","context":{"a:b":1,"a:b":1}"#,
            r#","context":{"a:b":null}"#,
            r#","context":{"a:b":[[]]}"#,
            r#","context":{"a:b":{}}"#,
            r#","context":{"a:b":"\udfff"}"#,
            r#","context":{"\udfff":"b"}"#,
            r#","context":{"a:b":1e64}"#,
            r#","context":[]"#,
            r#","resource_account":111111111111"#,
            r#","resource_account":null"#,
            r#","action":"s3:Get""#,
            r#","Context":{}"#,
        ] {
            assert!(request(r#""arn""#, bad).is_err(), "{bad}");
        }
        assert!(parse("[]").is_err());
        assert!(parse(r#"{"principal":"p","action":"a","resource":[1]}"#).is_err());
        assert_eq!(parse(r#"{"principal":"p","action":"a","resource":[]}"#).unwrap().resources.len(), 0);
        let deep = format!(r#","context":{{"a:b":{}{}}}"#, "[".repeat(200_000), "]".repeat(200_000));
        assert!(request(r#""arn""#, &deep).is_err());
    }
}
