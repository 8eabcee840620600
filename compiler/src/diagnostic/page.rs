//! Pages about classes of diagnostics: what one means and why, an example that is wrong, and how it is right.

use super::Code;

macro_rules! pages {
    ($($constant:ident $file:literal;)*) => {
        const PAGES: &[(Code, &str)] =
            &[$((Code::$constant, include_str!(concat!("../../../docs/codes/", $file, ".md")))),*];
    };
}

pages! {
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
}

/// The classes that refuse a document, each with its page in Markdown. The pages of lints are made of the linter's table.
pub fn pages() -> impl Iterator<Item = (Code, &'static str)> {
    PAGES.iter().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Severity;

    #[test]
    fn every_error_has_its_page() {
        let errors = Code::ALL.iter().copied().filter(|code| code.severity() == Severity::Error);
        assert!(errors.eq(pages().map(|(code, _)| code)));
        for (code, page) in pages() {
            assert!(page.starts_with(&format!("# {}\n", code.name())), "{}", code.name());
        }
    }
}
