//! Policy variables: what looks like one and is none, and values that widen a pattern.

use dictum_compiler::pattern::{Pattern, Piece};
use dictum_compiler::policy::Operand;
use dictum_compiler::syntax::ast::Text;

use super::identity;
use crate::check::Found;
use crate::subject::Statement;

checks! {
    "L-VARIABLE-FORM" Warning Correctness "VAR-2" "What looks like a variable and is none."
    why: "A variable is `${`, a key and `}`. With other brackets or another sign it is taken as these very characters, which match nothing.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/$(aws:username)/*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:username}/*"}"#),
    Statement(form);

    "L-VARIABLE-UNKNOWN" Warning Correctness "VAR-9" "A variable of a global key that there is not."
    why: "No request carries the key, so the variable has no value, and what it stands in matches nothing.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:usrname}/*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:username}/*"}"#),
    Statement(unknown);

    "L-VARIABLE-LIST" Warning Correctness "VAR-9" "A variable of a key that has a list of values."
    why: "A list has no one text to stand in, so the variable has no value, and what it stands in matches nothing.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:TagKeys}/*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team}/*"}"#),
    Statement(list);

    "L-VARIABLE-OPEN" Warning Security "VAR-8" "A variable that a wildcard touches."
    why: "Without a sign in between, the value of one is the beginning of another: what `ana` may, she may also for `anabel`. Put a `/` or another sign that no value has between them.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/home/${aws:username}*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/home/${aws:username}/*"}"#),
    Statement(open);

    "L-VARIABLE-DENY" Warning Security "VAR-11" "A Deny that rests on a variable."
    why: "Where the key is absent the entry matches nothing, and the Deny does not apply. A default, `${aws:PrincipalTag/team, 'none'}`, or a condition on the key closes the hole.",
    bad: identity(r#"{"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team}/*"}"#),
    good: identity(r#"{"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team, 'none'}/*"}"#),
    Statement(deny);

    "L-VARIABLE-DEFAULT" Warning Security "VAR-9" "A variable whose default is empty or a wildcard."
    why: "Where the key is absent the default stands in: an empty one leaves the text around it, `home//…`, and one of `*` is a star that is compared as it is. Whoever has no such key gets what that matches.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team, ''}*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team, 'none'}/*"}"#),
    Statement(default);

    "L-VARIABLE-CLIENT" Security Security "CTX-7" "An Allow on a resource that the caller chooses."
    why: "What the caller puts into the request decides which resource is meant, so it may name any. Take a key of who calls, such as `aws:username` or `aws:PrincipalTag/…`.",
    bad: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:RequestTag/team}/*"}"#),
    good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team}/*"}"#),
    Statement(client);
}

/// Every text in which a variable may stand: resources, and values of conditions.
fn texts<'s>(statement: &'s Statement<'s>) -> impl Iterator<Item = Text<'s>> {
    let resources = statement.resources().map_or(&[][..], |resources| resources.list.entries);
    resources.iter().copied().chain(statement.clauses.iter().flat_map(|clause| clause.texts()))
}

/// The same, as patterns, where they are.
fn patterns<'s>(statement: &'s Statement<'s>) -> impl Iterator<Item = (Text<'s>, &'s Pattern)> {
    let values = statement.clauses.iter().flat_map(|clause| clause.values.iter().zip(&clause.resolved.values));
    let values = values.filter_map(|(value, resolved)| match &resolved.operand {
        Operand::Pattern(pattern) => Some((value.text, pattern)),
        _ => None,
    });
    resources(statement).chain(values)
}

fn resources<'s>(statement: &'s Statement<'s>) -> impl Iterator<Item = (Text<'s>, &'s Pattern)> {
    let texts = statement.resources().map_or(&[][..], |resources| resources.list.entries);
    let patterns = statement.resolved.resources.iter().flat_map(|resources| &resources.patterns);
    texts.iter().copied().zip(patterns)
}

/// The variables of a pattern: key and default.
fn variables(pattern: &Pattern) -> impl Iterator<Item = (&str, Option<&str>)> {
    pattern.pieces.iter().filter_map(|piece| match piece {
        Piece::Variable { key, default, .. } => Some((key.as_str(), default.as_deref())),
        _ => None,
    })
}

/// Where a key stands in a text.
fn place(text: Text<'_>, key: &str) -> dictum_compiler::source::Span {
    text.text.find(key).map_or(text.span, |at| text.part(at, at + key.len()))
}

fn form(statement: &Statement<'_>, found: &mut Found<'_>) {
    for text in texts(statement) {
        for (at, _) in text.text.match_indices("aws:") {
            let before = &text.text[..at];
            let Some(begin) = ["$(", "$[", "%{", "{{", "$", "{", "<"].iter().find(|begin| before.ends_with(**begin))
            else {
                continue;
            };
            if before.ends_with("${") || (*begin == "{" && before.ends_with("${")) {
                continue;
            }
            let end = text.text[at..].find(['/', ')', ']', '}', '>', '*', ' ']).map_or(text.text.len(), |end| at + end);
            let key = &text.text[at..end];
            let message = format!("`{begin}{key}` is no variable");
            found.say(text.part(at - begin.len(), end), message, format!("write `${{{key}}}`"));
        }
    }
}

fn unknown(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (text, pattern) in patterns(statement) {
        let is_global = |key: &str| key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"));
        for (key, _) in variables(pattern).filter(|(key, _)| is_global(key)) {
            if statement.catalogue.key(key).is_none() {
                let names = statement.catalogue.global_keys().map(|key| key.name());
                let near = dictum_compiler::diagnostic::near::nearest(key, names);
                let finding = found.at(place(text, key), format!("no request carries a key `{key}`"));
                let finding = finding.help("what it stands in matches nothing").did_you_mean(near);
                found.push(finding);
            }
        }
    }
}

fn list(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (text, pattern) in patterns(statement) {
        for (key, _) in variables(pattern) {
            if statement.catalogue.key(key).is_some_and(|key| key.global().is_some() && key.is_multivalued()) {
                let message = format!("`{key}` has a list of values, and so none to stand here");
                found.say(place(text, key), message, "what it stands in matches nothing");
            }
        }
    }
}

fn open(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_run = |piece: &Piece| matches!(piece, Piece::Run | Piece::RunNotColon | Piece::ArnRun);
    for (text, pattern) in resources(statement).filter(|_| statement.is_allow()) {
        for pair in pattern.pieces.windows(2) {
            let key = match pair {
                [Piece::Variable { key, .. }, run] | [run, Piece::Variable { key, .. }] if is_run(run) => key,
                _ => continue,
            };
            let message = format!("a wildcard touches the value of `{key}`");
            found.say(place(text, key), message, "put a `/` between them, or a longer value is matched too");
        }
    }
}

fn deny(statement: &Statement<'_>, found: &mut Found<'_>) {
    let is_asked = |key: &str| statement.on_key(key).any(|clause| clause.needs_presence());
    for (text, pattern) in resources(statement).filter(|_| !statement.is_allow()) {
        for (key, _) in variables(pattern).filter(|(key, default)| default.is_none() && !is_asked(key)) {
            let is_always_there = statement.catalogue.key(key).and_then(|key| key.global());
            if is_always_there.is_some_and(|global| global.is_always_there()) {
                continue;
            }
            let message = format!("nothing is denied where `{key}` is absent");
            found.say(place(text, key), message, format!("give it a default, such as `${{{key}, 'none'}}`"));
        }
    }
}

fn default(statement: &Statement<'_>, found: &mut Found<'_>) {
    for (text, pattern) in patterns(statement) {
        for (key, default) in variables(pattern) {
            if let Some(default) = default.filter(|default| default.is_empty() || default.contains(['*', '?'])) {
                let message = format!("`{default}` stands for `{key}` where it is absent");
                found.say(place(text, key), message, "take a default that matches nothing of others");
            }
        }
    }
}

fn client(statement: &Statement<'_>, found: &mut Found<'_>) {
    const CLIENT: [&str; 5] = ["aws:RequestTag/", "aws:UserAgent", "aws:referer", "s3:prefix", "s3:delimiter"];
    let is_client = |key: &str| {
        CLIENT.iter().any(|prefix| key.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)))
    };
    for (text, pattern) in resources(statement).filter(|_| statement.is_allow()) {
        for (key, _) in variables(pattern).filter(|(key, _)| is_client(key)) {
            let message = format!("the caller chooses the value of `{key}`");
            found.say(place(text, key), message, "take a key of who calls, such as `aws:username`");
        }
    }
}
