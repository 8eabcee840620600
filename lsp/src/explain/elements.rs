//! The elements of policies and statements: what each says, and what its value looks like. One table for hovers and for
//! completions.

/// An element as JSON spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub meaning: &'static str,
    /// What its value looks like, as a snippet.
    pub value: &'static str,
}

const fn element(name: &'static str, value: &'static str, meaning: &'static str) -> Element {
    Element { name, meaning, value }
}

/// The elements of a policy.
pub const POLICY: &[Element] = &[
    element(
        "Version",
        "\"2012-10-17\"",
        "The version of the policy language. Variables such as `${aws:username}` need `2012-10-17`.",
    ),
    element("Id", "\"$1\"", "A name of the policy, which decides nothing; resource policies only."),
    element(
        "Statement",
        "[\n\t{\n\t\t\"Effect\": \"${1|Allow,Deny|}\",\n\t\t\"Action\": \"$2\",\n\t\t\"Resource\": \"${3:*}\"\n\t}\n]",
        "What the policy allows and denies: a statement, or a list of them, in any order.",
    ),
];

/// The elements of a statement.
pub const STATEMENT: &[Element] = &[
    element("Sid", "\"$1\"", "The name of the statement, by which explanations call it. Decides nothing."),
    element("Effect", "\"${1|Allow,Deny|}\"", "`Allow` or `Deny`. A statement that denies wins over any that allow."),
    element(
        "Principal",
        "{\"${1|AWS,Service,Federated,CanonicalUser|}\": \"$2\"}",
        "Whom the statement is about; in resource and trust policies only.",
    ),
    element(
        "NotPrincipal",
        "{\"AWS\": \"$1\"}",
        "Everyone but these. Meant for `Deny`: with `Allow` it lets in the rest of the world.",
    ),
    element("Action", "\"$1\"", "What is done: `service:Name`, in which `*` and `?` are wildcards; or a list of such."),
    element("NotAction", "\"$1\"", "Every action but these, those of services that do not exist yet included."),
    element(
        "Resource",
        "\"${1:*}\"",
        "What it is done to: ARNs, in which `*` and `?` are wildcards; `*` is any resource.",
    ),
    element("NotResource", "\"$1\"", "Every resource but these."),
    element(
        "Condition",
        "{\"${1:StringEquals}\": {\"$2\": \"$3\"}}",
        "What must hold besides: operators, under each context keys with values. All keys must hold, and of a key's values one.",
    ),
];

/// The kinds of principals.
pub const PRINCIPALS: &[Element] = &[
    element("AWS", "\"$1\"", "Accounts, users, roles and sessions: an ARN, the number of an account, or `*`."),
    element("Service", "\"$1.amazonaws.com\"", "A service of AWS that acts by itself, such as `lambda.amazonaws.com`."),
    element("Federated", "\"$1\"", "Whoever an identity provider vouches for: the ARN or the name of the provider."),
    element("CanonicalUser", "\"$1\"", "An account by its canonical user id, as S3 has it."),
];

/// The element of a name, wherever it stands.
pub fn named(name: &str) -> Option<Element> {
    [POLICY, STATEMENT, PRINCIPALS].into_iter().flatten().copied().find(|element| element.name == name)
}

#[cfg(test)]
mod tests {
    use dictum_compiler::syntax::ast::ElementName;

    use super::*;

    #[test]
    fn the_elements_are_those_of_the_compiler() {
        let names = |elements: &[Element]| elements.iter().map(|element| element.name).collect::<Vec<_>>();
        let of = |elements: &[ElementName]| elements.iter().map(|element| element.name()).collect::<Vec<_>>();
        assert_eq!(names(POLICY), of(ElementName::POLICY));
        assert_eq!(names(STATEMENT), of(ElementName::STATEMENT));
    }
}
