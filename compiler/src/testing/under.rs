//! The policies that a test puts in force: members, levels, and how policies are named.

use super::case::{PolicyReference, Under};
use super::row::{Reading, one_of};
use crate::diagnostic::near::nearest;
use crate::diagnostic::shown;
use crate::source::PolicyType;
use crate::syntax::ast::Text;
use crate::syntax::dsl::tree;

/// The members of a case's `policies` that a test may name; a trust policy stands among the resource policies.
const MEMBERS: [(&str, PolicyType); 7] = [
    ("identity", PolicyType::Identity),
    ("resource", PolicyType::Resource),
    ("trust", PolicyType::Trust),
    ("boundary", PolicyType::Boundary),
    ("session", PolicyType::Session),
    ("scp", PolicyType::Scp),
    ("rcp", PolicyType::Rcp),
];

/// The policies of an `under`, in order.
pub(super) fn read(unders: &[tree::Under<'_>], reading: &mut Reading<'_>) -> Vec<Under> {
    let read: Vec<Under> = unders.iter().filter_map(|under| one(under, reading)).collect();
    for member in [PolicyType::Scp, PolicyType::Rcp] {
        gaps(member, &read, reading);
    }
    read
}

fn one(under: &tree::Under<'_>, reading: &mut Reading<'_>) -> Option<Under> {
    let name = under.member;
    let Some(&(_, member)) = MEMBERS.iter().find(|(word, _)| *word == name.text) else {
        let names = MEMBERS.map(|(word, _)| word);
        let error = reading.error(name.span, format!("no member `{}` of the policies in force", shown(name.text)));
        error.expected = Some(one_of(&names));
        error.help = nearest(name.text, names).map(|near| format!("did you mean `{near}`?"));
        return None;
    };
    let level = match under.level {
        None => Some(0),
        Some(level) => self::level(level, member, name.text, reading),
    };
    let policy = if under.is_path { path(under.policy, reading)? } else { self::name(under.policy) };
    Some(Under { span: under.span, member, level: level?, policy })
}

fn level(level: Text<'_>, member: PolicyType, name: &str, reading: &mut Reading<'_>) -> Option<u32> {
    if !matches!(member, PolicyType::Scp | PolicyType::Rcp) {
        let error = reading.error(level.span, format!("a level of `{name}`"));
        error.help = Some("only `scp` and `rcp` have levels".to_owned());
        return None;
    }
    let number = level.text.parse().ok().filter(|_| level.text.bytes().all(|byte| byte.is_ascii_digit()));
    if number.is_none() {
        let error = reading.error(level.span, format!("no level `{}`", shown(level.text)));
        error.expected =
            Some("a number: 0 is the level of the organization's root, the last that of the account".into());
    }
    number
}

/// Levels are counted from 0 and leave none out.
fn gaps(member: PolicyType, read: &[Under], reading: &mut Reading<'_>) {
    let mut levels: Vec<&Under> = read.iter().filter(|under| under.member == member).collect();
    levels.sort_by_key(|under| under.level);
    let mut next = 0;
    for under in levels {
        if under.level > next {
            let error = reading.error(under.span, format!("a level {} without a level {next}", under.level));
            error.expected = Some("levels counted from 0, the organization's root, without a gap".to_owned());
            return;
        }
        next = under.level.max(next).saturating_add(u32::from(under.level == next));
    }
}

fn path(text: Text<'_>, reading: &mut Reading<'_>) -> Option<PolicyReference> {
    let (path, policy) = match text.text.split_once('#') {
        Some((path, policy)) => (path, Some(policy)),
        None => (text.text, None),
    };
    let problem = match () {
        () if path.ends_with(".json") && policy.is_some() => {
            Some(("a `.json` file holds one policy", "leave `#…` out"))
        }
        () if policy == Some("") => Some(("no name of a policy behind `#`", "write `\"caps.dct#NAME\"`")),
        () if path.ends_with(".json") || path.ends_with(".dct") => None,
        () => Some(("not the path of a policy", "it ends in `.json` or `.dct`, behind which `#NAME` may stand")),
    };
    if let Some((message, help)) = problem {
        reading.error(text.span, format!("`{}`: {message}", shown(text.text))).help = Some(help.to_owned());
        return None;
    }
    Some(PolicyReference::Path { span: text.span, path: path.to_owned(), policy: policy.map(str::to_owned) })
}

fn name(text: Text<'_>) -> PolicyReference {
    PolicyReference::Name { span: text.span, text: text.text.to_owned() }
}
