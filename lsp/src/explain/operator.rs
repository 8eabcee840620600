//! What a condition operator does: quantifier, base and suffix, each in a sentence.

use dictum_vm::operator::{Comparison, Family, Operator, Quantifier, Test};

const SUFFIX: &str = "IfExists";

/// The operator of a name, in any letter case; as far as it can be made out.
pub fn read(name: &str) -> Option<Test> {
    let (quantifier, rest) = match name.split_once(':') {
        None => (None, name),
        Some((first, rest)) => {
            let all = [Quantifier::ForAllValues, Quantifier::ForAnyValue];
            (Some(all.into_iter().find(|it| it.name().eq_ignore_ascii_case(first))?), rest)
        }
    };
    let end = rest.len().checked_sub(SUFFIX.len()).filter(|&at| rest.is_char_boundary(at));
    let end = end.filter(|&at| rest[at..].eq_ignore_ascii_case(SUFFIX));
    let operator = Operator::from_name(&rest[..end.unwrap_or(rest.len())])?;
    Some(Test { operator, quantifier, if_exists: end.is_some() })
}

/// What it does, as Markdown.
pub fn meaning(test: Test) -> String {
    let mut lines = vec![format!("**`{test}`**"), base(test.operator)];
    if let Some(quantifier) = test.quantifier {
        lines.push(set(quantifier, test.operator.is_negated()).to_owned());
    }
    if test.operator == Operator::Null {
        return lines.join("\n\n");
    }
    let absent = match (test.if_exists, test.quantifier, test.operator.is_negated()) {
        (true, _, _) => "`IfExists`: holds where the request does not carry the key.",
        (false, Some(Quantifier::ForAllValues), _) => {
            "Where the request does not carry the key, it **holds**: there is no value that fails."
        }
        (false, Some(Quantifier::ForAnyValue), _) => "Where the request does not carry the key, it fails.",
        (false, None, true) => {
            "Where the request does not carry the key, it **holds**, as every negated operator does."
        }
        (false, None, false) => "Where the request does not carry the key, it fails.",
    };
    lines.push(absent.to_owned());
    if test.quantifier.is_none() {
        lines.push("It fails for a key with a list of values: that needs `ForAllValues` or `ForAnyValue`.".to_owned());
    }
    lines.join("\n\n")
}

fn base(operator: Operator) -> String {
    let relation = match (operator.comparison(), operator.is_negated()) {
        (Comparison::Equal, false) => "is one of the values given",
        (Comparison::Equal, true) => "is none of the values given",
        (Comparison::Less, _) => "is less than one of the values given",
        (Comparison::LessOrEqual, _) => "is at most one of the values given",
        (Comparison::Greater, _) => "is greater than one of the values given",
        (Comparison::GreaterOrEqual, _) => "is at least one of the values given",
    };
    let (subject, note) = match operator.family() {
        Family::String => ("The text", "Letter case counts, and `*` and `?` are plain characters."),
        Family::StringIgnoreCase => ("The text", "Letter case does not count; `*` and `?` are plain characters."),
        Family::StringLike => ("The text", "`*` stands for any characters, `?` for one; letter case counts."),
        Family::Numeric => ("The number", "What is no number fails."),
        Family::Date => ("The instant", "Dates are ISO 8601 or seconds since 1970; what is no date fails."),
        Family::Bool => ("The truth value", "Any text but `true` counts as false; an absent key is neither."),
        Family::Binary => ("The bytes", "Both sides are base64, and the decoded bytes are compared."),
        Family::IpAddress => {
            ("The address", "The values are addresses or networks such as `10.0.0.0/8`; what is no address fails.")
        }
        Family::Arn => (
            "The ARN",
            "The six parts are compared one by one; `*` and `?` do not cross a colon but in the last. \
             `ArnEquals` and `ArnLike` are the same. What is no ARN fails.",
        ),
        Family::Null => {
            return "With `true` the request must not carry the key; with `false` it must.".to_owned();
        }
    };
    format!("{subject} {relation}. {note}")
}

const fn set(quantifier: Quantifier, negated: bool) -> &'static str {
    match (quantifier, negated) {
        (Quantifier::ForAllValues, false) => "`ForAllValues`: every value in the request must be one of those given.",
        (Quantifier::ForAllValues, true) => "`ForAllValues`: no value in the request may be one of those given.",
        (Quantifier::ForAnyValue, false) => {
            "`ForAnyValue`: at least one value in the request must be one of those given."
        }
        (Quantifier::ForAnyValue, true) => {
            "`ForAnyValue`: at least one value in the request must be none of those given."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_any_case() {
        for name in ["StringLike", "ForAllValues:StringEquals", "foranyvalue:arnlikeifexists", "BoolIfExists", "Null"] {
            let test = read(name).unwrap();
            assert!(test.to_string().eq_ignore_ascii_case(name));
            assert!(meaning(test).contains(&test.to_string()));
        }
        for name in ["", "IfExists", "For:Bool", "é", "Likeé"] {
            assert_eq!(read(name), None, "{name}");
        }
    }

    #[test]
    fn absence_is_told() {
        let says = |name: &str, what: &str| assert!(meaning(read(name).unwrap()).contains(what), "{name}");
        says("StringNotEquals", "it **holds**");
        says("StringEquals", "it fails");
        says("ForAllValues:StringEquals", "it **holds**");
        says("ForAnyValue:StringNotEquals", "it fails");
        says("BoolIfExists", "`IfExists`: holds");
    }
}
