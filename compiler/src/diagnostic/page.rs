//! Pages about classes of diagnostics: what one means and why, an example that is wrong, and how it is right.

use super::Code;

macro_rules! pages {
    ($name:ident $($constant:ident $file:literal;)*) => {
        const $name: &[(Code, &str)] =
            &[$((Code::$constant, include_str!(concat!("../../../docs/codes/", $file, ".md")))),*];
    };
}

pages! {
    ERRORS
    E_JSON "E-JSON";
    E_DUPKEY "E-DUPKEY";
    E_ELEMENT "E-ELEMENT";
    E_MISSING "E-MISSING";
    E_EXCLUSIVE "E-EXCLUSIVE";
    E_TYPE "E-TYPE";
    E_VERSION "E-VERSION";
    E_EFFECT "E-EFFECT";
    E_POLICYTYPE "E-POLICYTYPE";
    E_LIMIT "E-LIMIT";
    E_SID "E-SID";
    E_ACTION "E-ACTION";
    E_RESOURCE "E-RESOURCE";
    E_PRINCIPAL "E-PRINCIPAL";
    E_OPERATOR "E-OPERATOR";
    E_CONDKEY "E-CONDKEY";
    E_VALUE "E-VALUE";
    E_VARIABLE "E-VARIABLE";
    E_REQUEST "E-REQUEST";
    E_CASE "E-CASE";
    E_SYNTAX "E-SYNTAX";
    E_NAME "E-NAME";
    E_IMPORT "E-IMPORT";
    E_TEST "E-TEST";
    D_TOML "D-TOML";
    D_MEMBER "D-MEMBER";
    D_MISSING "D-MISSING";
    D_VALUE "D-VALUE";
    D_REFERENCE "D-REFERENCE";
    D_TWICE "D-TWICE";
    D_BOUNDARY "D-BOUNDARY";
    D_GROUP "D-GROUP";
    D_TREE "D-TREE";
    D_EXPORT "D-EXPORT";
    D_VENDOR "D-VENDOR";
}

pages! {
    ENTITY_LINTS
    L_GROUPS "L-GROUPS";
    L_PROFILE "L-PROFILE";
    L_NOBODY "L-NOBODY";
    L_LINKED "L-LINKED";
}

/// The classes that refuse a document or an entity, each with its page in Markdown.
pub fn pages() -> impl Iterator<Item = (Code, &'static str)> {
    ERRORS.iter().copied()
}

/// The lints of entities (DIR-11), likewise. No policy alone has one; the pages of those that one may have are made of the
/// linter's table.
pub fn entity_lints() -> impl Iterator<Item = (Code, &'static str)> {
    ENTITY_LINTS.iter().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Severity;

    #[test]
    fn every_error_has_its_page() {
        let errors = Code::ALL.iter().copied().filter(|code| code.severity() == Severity::Error);
        assert!(errors.eq(pages().map(|(code, _)| code)));
        for (code, page) in pages().chain(entity_lints()) {
            assert!(page.starts_with(&format!("# {}\n", code.name())), "{}", code.name());
        }
    }
}
