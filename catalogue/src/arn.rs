//! Whether some ARN fits both an ARN format of the catalogue and a resource pattern of a policy.

/// A token of a pattern or a format.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    Text(char),
    One { colon: bool },
    Run { colon: bool, slash: bool },
}

/// What a format calls a part that holds no slash, so that the objects of a bucket are told from buckets.
const NO_SLASH: &str = "{BucketName}";

/// Colons before the field that keeps its colons.
const FIELDS: usize = 5;

/// Whether some ARN fits both the pattern of a policy, read field by field (RES-1, RES-5, RES-8), and a format of the catalogue.
///
/// A variable, of a policy or a format, stands for any text; before the fifth colon for any without a colon. Letter case
/// counts unless `any_case`. O(length × length).
pub fn meets(pattern: &str, format: &str, any_case: bool) -> bool {
    if pattern == "*" {
        return true;
    }
    // PERF: of thousands of formats most are of another service.
    if let (Some(one), Some(other)) = (literal_service(pattern), literal_service(format))
        && !one.eq_ignore_ascii_case(other)
    {
        return false;
    }
    let (pattern, format) = (tokens(pattern, true), tokens(format, false));
    let same = |a: char, b: char| a == b || any_case && a.eq_ignore_ascii_case(&b);
    // Row by row of the pattern: before which tokens of the format one can stand when `i` tokens of the pattern are done.
    let mut row = vec![false; format.len() + 1];
    row[0] = true;
    for i in 0..=pattern.len() {
        let mut next = vec![false; format.len() + 1];
        for j in 0..=format.len() {
            if !row[j] {
                continue;
            }
            let (one, other) = (pattern.get(i).copied(), format.get(j).copied());
            if matches!(one, Some(Token::Run { .. })) {
                next[j] = true;
            }
            if matches!(other, Some(Token::Run { .. })) {
                row[j + 1] = true;
            }
            let (Some(one), Some(other)) = (one, other) else { continue };
            if !is_common(one, other, same) {
                continue;
            }
            // A run may stay for more; both staying leads nowhere new.
            let (stays, other_stays) = (matches!(one, Token::Run { .. }), matches!(other, Token::Run { .. }));
            match (stays, other_stays) {
                (true, true) => {}
                (true, false) => row[j + 1] = true,
                (false, true) => next[j] = true,
                (false, false) => next[j + 1] = true,
            }
        }
        if i == pattern.len() {
            return row[format.len()];
        }
        row = next;
    }
    false
}

fn literal_service(arn: &str) -> Option<&str> {
    arn.split(':').nth(2).filter(|service| !service.contains(['*', '?', '$']))
}

/// Whether some character is one that both tokens take.
fn is_common(one: Token, other: Token, same: impl Fn(char, char) -> bool) -> bool {
    let takes = |token: Token, c: char| match token {
        Token::Text(text) => same(text, c),
        Token::One { colon } => colon || c != ':',
        Token::Run { colon, slash } => (colon || c != ':') && (slash || c != '/'),
    };
    match (one, other) {
        (Token::Text(c), token) | (token, Token::Text(c)) => takes(token, c),
        _ => true,
    }
}

/// The tokens of a pattern or a format. In a pattern with fewer than six fields a `*` that ends its field runs on (RES-6); in
/// a whole one every field is taken for itself, since no field of a real ARN is like two of them.
fn tokens(text: &str, is_pattern: bool) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len());
    let runs_on = is_pattern && text.matches(':').count() < FIELDS;
    let mut colons = 0;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let is_free = colons >= FIELDS;
        rest = &rest[c.len_utf8()..];
        match c {
            '*' => {
                let is_last = rest.is_empty() || rest.starts_with(':');
                tokens.push(Token::Run { colon: is_free || runs_on && is_last, slash: true });
            }
            '?' if is_pattern => tokens.push(Token::One { colon: is_free }),
            '$' if rest.starts_with('{') && rest.contains('}') => {
                tokens.push(Token::Run { colon: is_free, slash: is_pattern || !rest.starts_with(NO_SLASH) });
                rest = rest.split_once('}').map_or("", |(_, rest)| rest);
            }
            c => {
                colons += usize::from(c == ':');
                tokens.push(Token::Text(c));
            }
        }
    }
    for _ in colons..FIELDS {
        tokens.extend([Token::Text(':'), Token::Run { colon: true, slash: true }]);
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_meet_formats_that_share_an_arn() {
        let object = "arn:${Partition}:s3:::${BucketName}/${ObjectName}";
        let bucket = "arn:${Partition}:s3:::${BucketName}";
        let instance = "arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}";
        for (pattern, format, expected) in [
            ("*", object, true),
            ("arn:aws:s3:::acme/*", object, true),
            ("arn:aws:s3:::acme", object, false),
            ("arn:aws:s3:::acme*", object, true),
            ("arn:aws:s3:::acme", bucket, true),
            ("arn:aws:s3:::acme/*", bucket, false),
            ("arn:aws:s3:::*", bucket, true),
            ("arn:aws:s3:::${aws:PrincipalTag/a}", bucket, true),
            ("arn:aws:s3", bucket, true),
            ("arn:aws:s*", bucket, true),
            ("arn:*:ec2:*:*:instance/i-?", instance, true),
            ("arn:aws:ec2:*:*:volume/*", instance, false),
            ("arn:aws:ec2:*:instance/*", instance, true),
            ("arn:aws:ec2:*:*:Instance/*", instance, false),
            ("arn:aws:iam::1:role/x", instance, false),
        ] {
            assert_eq!(meets(pattern, format, false), expected, "{pattern} {format}");
        }
        assert!(meets("arn:aws:ec2:*:*:Instance/*", instance, true));
    }
}
