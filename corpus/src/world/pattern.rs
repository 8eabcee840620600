//! Policy texts that nearly or really match a given text: globs, resource entries, variables.

use super::dice::Dice;
use super::scene::Fact;
use crate::answer::Member;

/// Another text that looks like this one.
fn near_miss(dice: &mut Dice, text: &str) -> String {
    match dice.below(4) {
        0 => format!("{text}x"),
        1 => text.chars().skip(1).collect(),
        2 => text.to_ascii_uppercase(),
        _ => format!("{}?", text.chars().next().unwrap_or('x')),
    }
}

/// Byte positions at which a text can be cut.
fn cuts(text: &str) -> Vec<usize> {
    text.char_indices().map(|(at, _)| at).chain([text.len()]).collect()
}

/// A free glob that mostly matches the text.
pub(super) fn glob(dice: &mut Dice, text: &str) -> String {
    let cuts = cuts(text);
    let (one, other) = (dice.pick(&cuts), dice.pick(&cuts));
    let (start, end) = (one.min(other), one.max(other));
    match dice.below(10) {
        0..3 => format!("{}*", &text[..start]),
        3 => format!("*{}", &text[start..]),
        4..6 => format!("{}*{}", &text[..start], &text[end..]),
        6 => format!("{}?{}", &text[..start], text[start..].chars().skip(1).collect::<String>()),
        7 => text.to_owned(),
        8 => dice.pick(&["*", "**", "?*", "*?*", "*a*a*a*b"]).to_owned(),
        _ => near_miss(dice, text),
    }
}

/// A text with variables in place of what facts say, or of itself; the text as it is where nothing fits.
pub(super) fn with_variables(dice: &mut Dice, target: &str, facts: &[Fact]) -> String {
    // What a request holds may look like a variable; cut apart it would be none.
    let target = if target.contains("${") { "blue" } else { target };
    let fits: Vec<(&str, &str)> = facts
        .iter()
        .filter(|fact| !fact.many && fact.texts[0].len() > 2 && target.contains(&fact.texts[0]))
        .map(|fact| (fact.key.as_str(), fact.texts[0].as_str()))
        .collect();
    if !fits.is_empty() && dice.chance(70) {
        let (key, value) = dice.pick(&fits);
        let key = if dice.chance(15) { key.to_ascii_uppercase() } else { key.to_owned() };
        let blank = key.contains(' ');
        let default = dice.pick(&["", "", ", 'blue'", ",''"]);
        return if blank { target.to_owned() } else { target.replacen(value, &format!("${{{key}{default}}}"), 1) };
    }
    let cuts = cuts(target);
    let start = cuts[dice.below(cuts.len()).max(cuts.len() / 2)];
    let (head, tail) = target.split_at(start);
    match dice.below(6) {
        0 | 1 if !tail.contains('\'') && !tail.is_empty() => format!("{head}${{x:none, '{tail}'}}"),
        0..3 => format!("{head}${{x:none,\t''}}{tail}"),
        3 => format!("{head}${{{}}}", dice.pick(&["x:none", "x:list", "x:team", "nocolon", "x:team, 'd'"])),
        _ => target.replace('*', "${*}").replace('?', "${?}") + dice.pick(&["", "", "${$}", "$"]),
    }
}

/// A resource entry that mostly matches the resource, valid for this member.
pub(super) fn resource(dice: &mut Dice, target: &str, member: Member, facts: &[Fact]) -> String {
    if target == "*" || dice.chance(15) {
        return if dice.chance(75) { "*".to_owned() } else { "arn:aws:*:*:*:*".to_owned() };
    }
    let mut fields: Vec<String> = target.splitn(6, ':').map(str::to_owned).collect();
    for field in &mut fields[1..5] {
        *field = match dice.below(100) {
            0..12 => "*".to_owned(),
            12..18 => format!("{}*", &field[..field.len().min(2)]),
            18..20 => format!("*{}", field.get(1..).unwrap_or("")),
            20..22 => format!("?{}", field.get(1..).unwrap_or("")),
            22..24 => format!("{}*{}", field.get(..1).unwrap_or(""), field.get(2..).unwrap_or("")),
            24..27 => dice.pick(&["", "aws-cn", "s3", "222222222222", "us-*t-1"]).to_owned(),
            _ => std::mem::take(field),
        };
    }
    fields[5] = match dice.below(10) {
        0..4 => fields[5].clone(),
        _ => glob(dice, &fields[5]),
    };
    if dice.chance(8) {
        // RES-6: the last star of a field runs on past colons.
        fields[4] = "*".to_owned();
        fields[5] = fields[5].rsplit([':', '/']).next().unwrap_or_default().to_owned();
    }
    match fields[5].clone().split_once(':') {
        // VAR-5: a default with a colon stands for the end of field five and the beginning of field six.
        Some((head, tail)) if dice.chance(10) && !format!("{}{tail}", fields[4]).contains(['$', '\'']) => {
            (fields[4], fields[5]) = (format!("${{x:none, '{}:{head}'}}", fields[4]), tail.to_owned());
        }
        _ if dice.chance(2) => fields[3] = "*${x:none,''}".to_owned(), // RES-6: that star is not the last of its field
        _ => {}
    }
    if dice.chance(15) {
        let at = dice.weighted(&[(6, 5), (2, 4), (1, 3)]);
        fields[at] = with_variables(dice, &fields[at].clone(), facts);
    }
    let incomplete = matches!(member, Member::Identity | Member::Boundary | Member::Resource | Member::Scp);
    // Splitting is by colons, and some of these hold colons inside a variable: only whole ones are cut.
    if incomplete && dice.chance(6) && !fields.concat().contains("${") {
        fields.truncate(2 + dice.below(4));
        let star = member == Member::Scp || dice.chance(50);
        return fields.join(":") + if star { "*" } else { "" };
    }
    fields.join(":")
}

/// An action entry that mostly matches the action.
pub(super) fn action(dice: &mut Dice, target: &str) -> String {
    let (service, name) = target.split_once(':').unwrap_or((target, "x"));
    match dice.below(20) {
        0..4 => target.to_owned(),
        4..6 => target.to_ascii_uppercase(),
        6..10 => format!("{service}:*"),
        10..14 => {
            let name = glob(dice, name);
            format!("{service}:{}", if name.is_empty() { "*" } else { &name })
        }
        14..17 => "*".to_owned(),
        17 => "*:*".to_owned(),
        _ => other_action(dice),
    }
}

/// An action entry that rarely matches anything asked for.
pub(super) fn other_action(dice: &mut Dice) -> String {
    dice.pick(&["iam:*", "ec2:Run*", "s3:PutObject*", "sqs:?end*", "connect:List*", "kms:CreateGrant"]).to_owned()
}
