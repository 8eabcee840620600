//! A single request on the command line: `--as … --do … --on …`, turned into the request of a case.

use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use dictum_corpus::request::{self, CaseRequest, RequestError};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// Who asks, to do what, on what, in which context.
#[derive(Args, Debug)]
pub struct Ask {
    /// Who asks: an ARN, `SESSION_ARN,ROLE_ARN`, `service:NAME`, `federated:NAME`, `canonical:ID` or `anonymous`
    #[arg(long = "as", value_name = "PRINCIPAL", id = "principal", requires_all = ["action", "resources"])]
    pub principal: Option<String>,
    /// The action, as `service:Name`
    #[arg(long = "do", value_name = "ACTION", id = "action", requires = "principal")]
    pub action: Option<String>,
    /// The resource: an ARN or `*`; give it again for a request on several resources
    #[arg(long = "on", value_name = "ARN", id = "resources", requires = "principal")]
    pub resources: Vec<String>,
    /// A context key, split at the first `=`: a text, or `KEY=[a,b]` or `KEY=["a","b"]` for a multivalued key; may be repeated
    #[arg(long = "with", value_name = "KEY=VALUE", id = "context", requires = "principal", value_parser = pair)]
    pub context: Vec<Pair>,
    /// Set aws:CurrentTime and aws:EpochTime to now
    #[arg(long, requires = "principal")]
    pub now: bool,
    /// The 12-digit owner of the resource, where its ARN does not say it
    #[arg(long, value_name = "ACCOUNT", requires = "principal")]
    pub resource_account: Option<String>,
}

/// What is said of these options in the help of a command.
pub const HELP: &str = "\
A value of --with is a text, as it stands: --with aws:MultiFactorAuthPresent=true. In brackets it is multivalued, as a
JSON list or as bare words: --with 'aws:TagKeys=[team,cost]'. JSON numbers and booleans are taken as their text. A key that
holds `=`, or a text that begins with `[` and ends with `]`, needs a request in JSON.";

/// A context key with its value in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    key: String,
    json: String,
}

impl Ask {
    /// The request, `None` where none is asked.
    ///
    /// # Errors
    /// What no request may have; the rest is found when it is built for a bundle.
    pub fn request(&self) -> Option<Result<CaseRequest, RequestError>> {
        let principal = who(self.principal.as_deref()?);
        // Written by hand: a map would hide keys that were given twice, and numbers would lose their digits.
        let mut pairs = self.context.clone();
        if self.now {
            let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
            pairs.push(Pair { key: "aws:CurrentTime".into(), json: json!(utc(seconds)).to_string() });
            pairs.push(Pair { key: "aws:EpochTime".into(), json: seconds.to_string() });
        }
        let context: Vec<String> = pairs.iter().map(|pair| format!("{}:{}", json!(pair.key), pair.json)).collect();
        let account = self.resource_account.as_ref();
        let account = account.map_or(String::new(), |account| format!("\"resource_account\":{},", json!(account)));
        let (action, resources) = (json!(self.action), json!(self.resources));
        Some(request::parse(&format!(
            "{{\"principal\":{principal},\"action\":{action},\"resource\":{resources},{account}\"context\":{{{}}}}}",
            context.join(",")
        )))
    }
}

/// Reads `KEY=VALUE`.
fn pair(text: &str) -> Result<Pair, String> {
    let (key, value) = text.split_once('=').ok_or("it is not of the form KEY=VALUE")?;
    let inner = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let json = match inner {
        None => json!(value).to_string(),
        Some(_) if serde_json::from_str::<Vec<&RawValue>>(value).is_ok() => value.to_owned(),
        Some(inner) if inner.contains('"') => return Err("the list is neither JSON nor bare words".into()),
        Some(inner) => json!(inner.split(',').map(str::trim).collect::<Vec<_>>()).to_string(),
    };
    Ok(Pair { key: key.to_owned(), json })
}

/// The principal as a case writes it.
fn who(text: &str) -> Value {
    if let Some((session, rest)) = text.split_once(",arn:") {
        let other = format!("arn:{rest}");
        let is_user = other.splitn(6, ':').nth(5).is_some_and(|rest| rest.starts_with("user/"));
        let member = if is_user { "user" } else { "role" };
        return json!({"session": session, member: other});
    }
    match text.split_once(':') {
        None if text == "anonymous" => json!({"anonymous": true}),
        Some(("service", name)) => json!({"service": name}),
        Some(("federated", name)) => json!({"federated": name}),
        Some(("canonical", id)) => json!({"canonical_user": id}),
        _ => json!(text),
    }
}

/// A time since 1970 as `2026-11-22T10:20:30Z`: the days in eras of 400 years, each beginning on the first of March.
fn utc(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day_of_month = day - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = era * 400 + year + carry;
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    format!("{year:04}-{month:02}-{day_of_month:02}T{hour:02}:{minute:02}:{:02}Z", second % 60)
}

#[cfg(test)]
mod tests {
    use dictum_corpus::request::{ContextValue, Principal};

    use super::*;

    fn ask(principal: &str, context: &[&str]) -> Ask {
        Ask {
            principal: Some(principal.into()),
            action: Some("s3:Get".into()),
            resources: vec!["*".into()],
            context: context.iter().map(|text| pair(text).unwrap()).collect(),
            now: false,
            resource_account: None,
        }
    }

    #[test]
    fn values() {
        let context = ["a:b=x=y", "a:c=[]", "a:d=[x, y]", r#"a:e=["x",1.50,true]"#, "a:f=", "a:g=7"];
        let request = ask("anonymous", &context).request().unwrap().unwrap();
        let one = |text: &str| ContextValue::One(text.into());
        let many = |texts: &[&str]| ContextValue::Many(texts.iter().map(|text| text.to_string()).collect());
        let values: Vec<_> = request.context.into_iter().map(|(_, value)| value).collect();
        let expected = [one("x=y"), many(&[]), many(&["x", "y"]), many(&["x", "1.5", "true"]), one(""), one("7")];
        assert_eq!(values, expected);
        assert!(pair("a:b").is_err() && pair(r#"a:b=["x",y]"#).is_err());
        assert!(ask("anonymous", &["a:b=1", "a:b=2"]).request().unwrap().is_err(), "a key given twice");
        assert!(ask("anonymous", &["a:b=[null]"]).request().unwrap().is_err());
    }

    #[test]
    fn principals() {
        let of = |text: &str| ask(text, &[]).request().unwrap().unwrap().principal;
        let arn = "arn:aws:iam::1:user/a,b".to_owned();
        assert_eq!(of(&arn), Principal::Arn(arn));
        assert_eq!(of("service:x.amazonaws.com"), Principal::Service("x.amazonaws.com".into()));
        assert_eq!(of("federated:arn:aws:iam::1:x"), Principal::Federated("arn:aws:iam::1:x".into()));
        assert_eq!(of("canonical:7"), Principal::CanonicalUser("7".into()));
        let (session, role) = ("arn:aws:sts::1:assumed-role/r/s,t".to_owned(), "arn:aws:iam::1:role/r".to_owned());
        assert_eq!(of(&format!("{session},{role}")), Principal::Session { session: session.clone(), role });
        let user = "arn:aws:iam::1:user/u".to_owned();
        assert_eq!(of(&format!("{session},{user}")), Principal::FederatedUser { session, user });
    }

    #[test]
    fn times() {
        assert_eq!(utc(0), "1970-01-01T00:00:00Z");
        assert_eq!(utc(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(utc(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(utc(1_798_761_600), "2027-01-01T00:00:00Z");
    }
}
