//! What is told to the author of a policy: errors and lints, each with its class, its rule and its place.
//!
//! A message is lower case, has no full stop, and puts what the author wrote in backticks. Every error is reported, in the
//! order of the document; a lint never changes a decision.

pub mod near;
pub mod page;
mod report;
mod render;

use std::fmt;

use crate::source::{Sources, Span};
pub use report::{FixReport, RelatedReport, Report};

/// The class of a diagnostic: of an error as semantics.md 2.8 has it, of a lint Dictum's own. The constants are those that
/// compiling finds; a linter declares further ones.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(&'static Class);

/// What there is to know of a class of diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Class {
    /// As it is written in a report: `E-JSON`. Stable.
    pub name: &'static str,
    /// Whether it refuses the document, and if not, how grave it is.
    pub severity: Severity,
    /// What it is about, in one sentence.
    pub meaning: &'static str,
}

impl Code {
    /// The class of an entry of a table.
    pub const fn new(class: &'static Class) -> Code {
        Code(class)
    }

    /// As it is written in a report: `E-JSON`.
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// Whether it refuses the document, and if not, how grave it is.
    pub const fn severity(self) -> Severity {
        self.0.severity
    }

    /// What it is about, in one sentence.
    pub const fn meaning(self) -> &'static str {
        self.0.meaning
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}

/// How grave a diagnostic is; only an error refuses its document. From the least grave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The same could be said better.
    Suggestion,
    /// The document means what it says, which may not be what was meant.
    Warning,
    /// It means what it says, which lets more through than most who write it think.
    Security,
    /// The document is refused.
    Error,
}

impl Severity {
    /// All, from the least grave.
    pub const ALL: [Severity; 4] = [Severity::Suggestion, Severity::Warning, Severity::Security, Severity::Error];

    /// `error`, `security`, `warning` or `suggestion`.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Suggestion => "suggestion",
            Severity::Warning => "warning",
            Severity::Security => "security",
            Severity::Error => "error",
        }
    }
}

macro_rules! codes {
    ($($constant:ident $name:literal $severity:ident $meaning:literal;)*) => {
        impl Code {
            $(#[doc = $meaning] pub const $constant: Code =
                Code(&Class { name: $name, severity: Severity::$severity, meaning: $meaning });)*

            /// Every class that compiling finds, errors first.
            pub const ALL: &'static [Code] = &[$(Code::$constant),*];
        }
    };
}

codes! {
    E_JSON            "E-JSON"            Error     "Not JSON (GRM-1).";
    E_DUPKEY          "E-DUPKEY"          Error     "A member occurs twice (GRM-2, GRM-3).";
    E_ELEMENT         "E-ELEMENT"         Error     "A member that is not in the grammar at its place (GRM-4).";
    E_MISSING         "E-MISSING"         Error     "A required element is absent.";
    E_EXCLUSIVE       "E-EXCLUSIVE"       Error     "Two elements that exclude each other (GRM-22, GRM-23).";
    E_TYPE            "E-TYPE"            Error     "A value of the wrong JSON type.";
    E_VERSION         "E-VERSION"         Error     "A Version that does not exist or that the policy type refuses (GRM-11, TYP-1).";
    E_EFFECT          "E-EFFECT"          Error     "An Effect other than Allow and Deny (GRM-21).";
    E_POLICYTYPE      "E-POLICYTYPE"      Error     "Something that this type of policy may not hold (TYP-1 to TYP-3).";
    E_LIMIT           "E-LIMIT"           Error     "Beyond a limit (LIM-1).";
    E_SID             "E-SID"             Error     "A Sid with other characters, or given twice (SID-2).";
    E_ACTION          "E-ACTION"          Error     "Not an action pattern (GRM-26, ACT-2 to ACT-4).";
    E_RESOURCE        "E-RESOURCE"        Error     "Not a resource pattern (GRM-26, RES-2, RES-8).";
    E_PRINCIPAL       "E-PRINCIPAL"       Error     "Not a principal (PRN-2 to PRN-5).";
    E_OPERATOR        "E-OPERATOR"        Error     "Not a condition operator (OPR-1, OPR-3).";
    E_CONDKEY         "E-CONDKEY"         Error     "Not a condition key (OPR-4).";
    E_VALUE           "E-VALUE"           Error     "A value that its operator cannot read (OPR-5).";
    E_VARIABLE        "E-VARIABLE"        Error     "A variable that is malformed or not allowed there (VAR-3, VAR-6).";
    E_REQUEST         "E-REQUEST"         Error     "A malformed request.";
    E_CASE            "E-CASE"            Error     "Not a decision case.";
    E_SYNTAX          "E-SYNTAX"          Error     "Not the Dictum language.";
    E_NAME            "E-NAME"            Error     "A name that is unknown, taken, or defined by itself.";
    E_IMPORT          "E-IMPORT"          Error     "An import that cannot be followed.";
    E_TEST            "E-TEST"            Error     "A test that states no decision case.";
    D_TOML            "D-TOML"            Error     "Not TOML.";
    D_MEMBER          "D-MEMBER"          Error     "A member or file that sources of entities do not have at its place.";
    D_MISSING         "D-MISSING"         Error     "Something that an entity must have is absent.";
    D_VALUE           "D-VALUE"           Error     "A name, ARN, id or other value of an entity that is malformed (DIR-2).";
    D_REFERENCE       "D-REFERENCE"       Error     "Something is named that no source holds (DIR-10).";
    D_TWICE           "D-TWICE"           Error     "Two entities of one name, or a unique id used twice (DIR-10).";
    D_BOUNDARY        "D-BOUNDARY"        Error     "A boundary that cannot be one, or where none can be (DIR-10).";
    D_GROUP           "D-GROUP"           Error     "A group in a group (DIR-10).";
    D_TREE            "D-TREE"            Error     "Roots and units that make no tree (DIR-8).";
    D_EXPORT          "D-EXPORT"          Error     "An export that is cut off or of another shape.";
    D_VENDOR          "D-VENDOR"          Error     "A vendor-managed policy without its document, or where none can be (DIR-10).";
    L_UNUSED          "L-UNUSED"          Warning   "A let, cond, import or parameter that nothing uses.";
    L_ID              "L-ID"              Warning   "Id in a policy that has none (GRM-12).";
    L_EMPTY           "L-EMPTY"           Warning   "An empty list (GRM-25).";
    L_VERSION         "L-VERSION"         Warning   "An scp of another Version than 2012-10-17 (TYP-1).";
    L_SID             "L-SID"             Warning   "A Sid given twice in a resource policy (SID-2).";
    L_CHARACTER       "L-CHARACTER"       Warning   "A character that the service does not store (SIZ-3).";
    L_SIZE            "L-SIZE"            Warning   "Larger, or more, than the service lets one attach (SIZ-2); of documents by themselves off by default.";
    L_ACTION          "L-ACTION"          Warning   "An unusual character in an action (ACT-4).";
    L_WILDCARD        "L-WILDCARD"        Warning   "A wildcard in partition, service or resource type (RES-7).";
    L_NOTPRINCIPAL    "L-NOTPRINCIPAL"    Warning   "Allow with NotPrincipal (PRN-32).";
    L_MULTIVALUED     "L-MULTIVALUED"     Warning   "A multivalued key without a set operator (CND-13).";
    L_FORALLVALUES    "L-FORALLVALUES"    Warning   "Allow with ForAllValues, true where the key is absent (CND-26).";
    L_BOOL            "L-BOOL"            Warning   "A Bool value that is neither true nor false (CND-46).";
    L_BOOL_LIST       "L-BOOL-LIST"       Warning   "Several values of a Bool operator (CND-46).";
    L_OLD_VARIABLE    "L-OLD-VARIABLE"    Warning   "A variable in a policy whose Version has none (VAR-1).";
    L_VARIABLE_KEY    "L-VARIABLE-KEY"    Warning   "A variable whose key has no colon and so no value (VAR-3).";
    L_EARLY_VARIABLE  "L-EARLY-VARIABLE"  Warning   "A variable before the fifth colon of a resource (VAR-5).";
    L_GROUPS          "L-GROUPS"          Warning   "A user in more than 10 groups (DIR-11).";
    L_PROFILE         "L-PROFILE"         Warning   "An instance profile with other than one role (DIR-11).";
    L_NOBODY          "L-NOBODY"          Warning   "A trust policy that names no one (DIR-11).";
    L_LINKED          "L-LINKED"          Warning   "A service-linked role with edits (DIR-11).";
    L_DEPUTY          "L-DEPUTY"          Warning   "A service allowed on anybody's behalf (CTX-22).";
}

/// Another place that a diagnostic is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub span: Span,
    /// What is there.
    pub message: String,
}

/// A change of the source that mends what a diagnostic says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What is replaced; empty where something is put in.
    pub span: Span,
    /// What stands there then.
    pub replacement: String,
}

/// One error or lint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// Its class.
    pub code: Code,
    /// What of the source it is about.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What would be right there.
    pub expected: Option<String>,
    /// What to do about it, such as a near name.
    pub help: Option<String>,
    /// Other places that it is about, such as the first of two that may stand once.
    pub related: Vec<Related>,
    /// A change that mends it and nothing else; only where it is safe.
    pub fix: Option<Fix>,
    /// The rule of semantics.md that says so.
    pub rule: &'static str,
    /// The name of the policy, once it is known.
    pub policy: Option<String>,
}

impl Diagnostic {
    /// A diagnostic of this class, about this span.
    pub fn new(code: Code, span: Span, rule: &'static str, message: impl Into<String>) -> Diagnostic {
        let message = message.into();
        let severity = code.severity();
        let (related, fix) = (Vec::new(), None);
        Diagnostic { severity, code, span, message, expected: None, help: None, related, fix, rule, policy: None }
    }

    /// Adds what would be right.
    pub fn expected(mut self, expected: impl Into<String>) -> Diagnostic {
        self.expected = Some(expected.into());
        self
    }

    /// Adds advice.
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Adds `did you mean …` where there is a name to suggest.
    pub fn did_you_mean(mut self, name: Option<&str>) -> Diagnostic {
        if let Some(name) = name {
            self.help = Some(format!("did you mean `{name}`?"));
        }
        self
    }

    /// Adds another place that it is about.
    pub fn related(mut self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.related.push(Related { span, message: message.into() });
        self
    }

    /// Adds a change that mends it.
    pub fn fix(mut self, span: Span, replacement: impl Into<String>) -> Diagnostic {
        self.fix = Some(Fix { span, replacement: replacement.into() });
        self
    }

    /// Whether it refuses the document.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]: {}", self.severity.name(), self.code.name(), self.message)?;
        if let Some(expected) = &self.expected {
            write!(f, "; expected {expected}")?;
        }
        if let Some(help) = &self.help {
            write!(f, "; {help}")?;
        }
        Ok(())
    }
}

/// Several of them, in the order of the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// Whether any of them refuses its document.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Diagnostic::is_error)
    }

    /// All of them with their source lines, a blank line between two.
    pub fn render(&self, sources: &Sources) -> String {
        self.0.iter().map(|diagnostic| diagnostic.render(sources)).collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            write!(f, "{}{diagnostic}", if index > 0 { "\n" } else { "" })?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

/// What an author wrote, as a message shows it: at most 80 characters of it.
pub(crate) fn shown(text: &str) -> String {
    let text = text.escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'");
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
