//! `dictum show`: what a bundle's directory holds of a principal, an account or a resource.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use dictum_vm::{AccountProfile, Bundle, PrincipalProfile, ResourceProfile};
use serde::Serialize;

use crate::exit::{Exit, Failure, Fault};
use crate::input;
use crate::output::{Out, ResultFormat, json};

const HELP: &str = "\
Shows what applies to a user, role, role session or root user: identity policies, boundary, tags, its account's place in the
organization with the guardrails of each level, and who may assume a role; or of a resource its owner, policies and tags; or
of an account (12 digits) its place and guardrails. Each policy is named with the file it was read from.

Exit codes: 0 shown; 2 not a bundle, no ARN, or nothing that the bundle holds.

Examples:
  dictum show org.dctb arn:aws:iam::123456789012:user/ana
  dictum show org.dctb arn:aws:s3:::recordings
  dictum show org.dctb 123456789012 --format json";

/// Show what an organization's bundle holds of a principal, a resource or an account
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Show {
    /// A bundle of an organization
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// An ARN, or the 12 digits of an account
    #[arg(value_name = "ARN")]
    name: String,
    /// How it is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ResultFormat,
}

#[derive(Serialize, Default)]
struct Shown<'b> {
    arn: &'b str,
    #[serde(skip_serializing_if = "Option::is_none")]
    unique_id: Option<&'b str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Account<'b>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag<'b>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<Vec<Policy<'b>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    boundary: Option<Vec<Policy<'b>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trust: Option<Vec<Policy<'b>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<Vec<Policy<'b>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    must_allow: Option<bool>,
}

#[derive(Serialize)]
struct Account<'b> {
    number: &'b str,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<&'b str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    management_account: Option<&'b str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'b str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scp: Option<Vec<Level<'b>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rcp: Option<Vec<Level<'b>>>,
}

#[derive(Serialize)]
struct Level<'b> {
    node: &'b str,
    policies: Vec<Policy<'b>>,
}

#[derive(Serialize)]
struct Policy<'b> {
    policy: &'b str,
    file: &'b str,
}

#[derive(Serialize)]
struct Tag<'b> {
    key: &'b str,
    value: &'b str,
}

pub fn run(command: &Show, out: &Out) -> Result<Exit, Failure> {
    let bundle = input::bundle(&command.bundle)?;
    if bundle.meta().directory == 0 {
        let message = "the bundle holds a set of policies and no organization; `dictum list` prints it";
        return Err(Fault::new("D-REFERENCE", &command.bundle, message).into());
    }
    let Some(shown) =
        find(&bundle, &command.name).map_err(|message| Fault::new("E-REQUEST", Path::new(""), message))?
    else {
        let message = format!("the bundle holds nothing of `{}`", command.name);
        return Err(Fault::new("D-REFERENCE", &command.bundle, message).into());
    };
    match command.format {
        ResultFormat::Text => out.print(&text(&shown))?,
        ResultFormat::Json => out.line(&json(&shown))?,
    }
    Ok(Exit::Well)
}

/// What the bundle holds under a name; of an ARN that is both a principal and a resource both.
fn find<'b>(bundle: &'b Bundle<Vec<u8>>, name: &'b str) -> Result<Option<Shown<'b>>, String> {
    if !name.contains(':') {
        let account = bundle.accounts().find(|account| account.number == name);
        let account = account.map(|account| self::account(bundle, account));
        return Ok(account.map(|account| Shown { arn: name, account: Some(account), ..Shown::default() }));
    }
    let of_resource = bundle.resource_profile(name).map_err(|error| format!("{error} ({})", error.rule()))?;
    let of_principal = bundle.principal_profile(name).ok().filter(|it| it.arn.is_some() || it.account.is_some());
    let is_root = name.ends_with(":root");
    let of_principal = of_principal.filter(|it| it.arn.is_some() || is_root);
    Ok(match (of_principal, of_resource) {
        (None, None) => None,
        (Some(principal), resource) => {
            let mut shown = of_a_principal(bundle, name, principal);
            if let Some(resource) = resource {
                shown.resource = Some(policies(bundle, &resource.policies));
                shown.must_allow = Some(resource.must_allow);
            }
            Some(shown)
        }
        (None, Some(resource)) => Some(of_a_resource(bundle, resource)),
    })
}

fn of_a_principal<'b>(bundle: &'b Bundle<Vec<u8>>, name: &'b str, profile: PrincipalProfile<'b>) -> Shown<'b> {
    Shown {
        arn: profile.arn.unwrap_or(name),
        unique_id: profile.unique_id,
        account: profile.account.map(|it| account(bundle, it)),
        tags: tags(&profile.tags),
        identity: profile.arn.map(|_| policies(bundle, &profile.identity)),
        boundary: profile.boundary.map(|it| policies(bundle, &it)),
        trust: profile.trust.map(|it| policies(bundle, &it)),
        ..Shown::default()
    }
}

fn of_a_resource<'b>(bundle: &'b Bundle<Vec<u8>>, profile: ResourceProfile<'b>) -> Shown<'b> {
    Shown {
        arn: profile.arn,
        account: Some(account(bundle, profile.account)),
        tags: tags(&profile.tags),
        resource: Some(policies(bundle, &profile.policies)),
        must_allow: Some(profile.must_allow),
        ..Shown::default()
    }
}

fn tags<'b>(pairs: &[(&'b str, &'b str)]) -> Vec<Tag<'b>> {
    pairs.iter().map(|&(key, value)| Tag { key, value }).collect()
}

fn policies<'b>(bundle: &'b Bundle<Vec<u8>>, numbers: &[u32]) -> Vec<Policy<'b>> {
    let policies = numbers.iter().filter_map(|&number| bundle.policy(number));
    policies.map(|policy| Policy { policy: policy.name, file: policy.file }).collect()
}

fn account<'b>(bundle: &'b Bundle<Vec<u8>>, profile: AccountProfile<'b>) -> Account<'b> {
    let nodes = || {
        let path = profile.path.unwrap_or_default().split('/').skip(1).filter(|node| !node.is_empty());
        path.chain([profile.number])
    };
    let levels = |levels: &Option<Vec<Vec<u32>>>| {
        let levels = levels.as_ref()?;
        let named = nodes().zip(levels);
        Some(named.map(|(node, numbers)| Level { node, policies: policies(bundle, numbers) }).collect())
    };
    Account {
        number: profile.number,
        organization: profile.organization,
        management_account: profile.management_account,
        path: profile.path,
        scp: levels(&profile.scps),
        rcp: levels(&profile.rcps),
    }
}

fn text(shown: &Shown<'_>) -> String {
    let mut out = format!("{}\n", shown.arn);
    let mut line = |name: &str, value: &str| writeln!(out, "  {name:<10} {value}").unwrap_or_default();
    if let Some(id) = shown.unique_id {
        line("id", id);
    }
    if let Some(account) = &shown.account {
        line("account", account.number);
        line("path", account.path.unwrap_or("in no organization"));
    }
    for tag in &shown.tags {
        line("tag", &format!("{} = {:?}", tag.key, tag.value));
    }
    if shown.must_allow == Some(true) {
        line("must allow", "its policies must take part");
    }
    let mut list = |name: &str, policies: &[Policy<'_>]| {
        if policies.is_empty() {
            line(name, "no policy");
        }
        for policy in policies {
            line(name, &format!("{}  {}", policy.policy, policy.file));
        }
    };
    for (kind, levels) in
        [("scp", shown.account.as_ref().map(|it| &it.scp)), ("rcp", shown.account.as_ref().map(|it| &it.rcp))]
    {
        for (at, level) in levels.into_iter().flatten().flatten().enumerate() {
            list(&format!("{kind}[{at}]"), &level.policies);
        }
    }
    for (name, policies) in [
        ("resource", &shown.resource),
        ("identity", &shown.identity),
        ("boundary", &shown.boundary),
        ("trust", &shown.trust),
    ] {
        if let Some(policies) = policies {
            list(name, policies);
        }
    }
    out
}
