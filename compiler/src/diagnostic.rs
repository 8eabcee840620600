//! What is told to the author of a policy: errors and lints, each with its class, its rule and its place.
//!
//! A message is lower case, has no full stop, and puts what the author wrote in backticks. Every error is reported, in the
//! order of the document; a lint never changes a decision.

pub mod near;
mod render;

use std::fmt;

use crate::source::{Sources, Span};
pub use render::Report;

macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident $meaning:literal;)*) => {
        /// The class of a diagnostic: of an error as semantics.md 2.8 has it, of a lint Dictum's own.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $meaning] $variant),* }

        impl Code {
            /// Every class, errors first.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            /// As it is written in a report: `E-JSON`.
            pub const fn name(self) -> &'static str {
                match self { $(Code::$variant => $name),* }
            }

            /// Whether it refuses the document.
            pub const fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity),* }
            }

            /// What it is about, in one sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $(Code::$variant => $meaning),* }
            }
        }
    };
}

codes! {
    Json            "E-JSON"            Error   "Not JSON (GRM-1).";
    DupKey          "E-DUPKEY"          Error   "A member occurs twice (GRM-2, GRM-3).";
    Element         "E-ELEMENT"         Error   "A member that is not in the grammar at its place (GRM-4).";
    Missing         "E-MISSING"         Error   "A required element is absent.";
    Exclusive       "E-EXCLUSIVE"       Error   "Two elements that exclude each other (GRM-22, GRM-23).";
    Type            "E-TYPE"            Error   "A value of the wrong JSON type.";
    Version         "E-VERSION"         Error   "A Version that does not exist or that the policy type refuses (GRM-11, TYP-1).";
    Effect          "E-EFFECT"          Error   "An Effect other than Allow and Deny (GRM-21).";
    PolicyType      "E-POLICYTYPE"      Error   "Something that this type of policy may not hold (TYP-1 to TYP-3).";
    Limit           "E-LIMIT"           Error   "Beyond a limit (LIM-1).";
    Sid             "E-SID"             Error   "A Sid with other characters, or given twice (SID-2).";
    Action          "E-ACTION"          Error   "Not an action pattern (GRM-26, ACT-2 to ACT-4).";
    Resource        "E-RESOURCE"        Error   "Not a resource pattern (GRM-26, RES-2, RES-8).";
    Principal       "E-PRINCIPAL"       Error   "Not a principal (PRN-2 to PRN-5).";
    Operator        "E-OPERATOR"        Error   "Not a condition operator (OPR-1, OPR-3).";
    CondKey         "E-CONDKEY"         Error   "Not a condition key (OPR-4).";
    Value           "E-VALUE"           Error   "A value that its operator cannot read (OPR-5).";
    Variable        "E-VARIABLE"        Error   "A variable that is malformed or not allowed there (VAR-3, VAR-6).";
    Request         "E-REQUEST"         Error   "A malformed request.";
    Case            "E-CASE"            Error   "Not a decision case.";
    IdLint          "L-ID"              Warning "Id in a policy that has none (GRM-12).";
    EmptyLint       "L-EMPTY"           Warning "An empty list (GRM-25).";
    VersionLint     "L-VERSION"         Warning "An scp of another Version than 2012-10-17 (TYP-1).";
    SidLint         "L-SID"             Warning "A Sid given twice in a resource policy (SID-2).";
    CharacterLint   "L-CHARACTER"       Warning "A character that the service does not store (SIZ-3).";
    SizeLint        "L-SIZE"            Warning "Larger than the service lets one attach (SIZ-2); off by default.";
    ActionLint      "L-ACTION"          Warning "An unusual character in an action (ACT-4).";
    WildcardLint    "L-WILDCARD"        Warning "A wildcard in partition, service or resource type (RES-7).";
    NotPrincipalLint "L-NOTPRINCIPAL"   Warning "Allow with NotPrincipal (PRN-32).";
    MultivaluedLint "L-MULTIVALUED"     Warning "A multivalued key without a set operator (CND-13).";
    ForAllLint      "L-FORALLVALUES"    Warning "Allow with ForAllValues, true where the key is absent (CND-26).";
    BoolLint        "L-BOOL"            Warning "A Bool value that is neither true nor false (CND-46).";
    BoolListLint    "L-BOOL-LIST"       Warning "Several values of a Bool operator (CND-46).";
    OldVariableLint "L-OLD-VARIABLE"    Warning "A variable in a policy whose Version has none (VAR-1).";
    VariableKeyLint "L-VARIABLE-KEY"    Warning "A variable whose key has no colon and so no value (VAR-3).";
    EarlyVariableLint "L-EARLY-VARIABLE" Warning "A variable before the fifth colon of a resource (VAR-5).";
    DeputyLint      "L-DEPUTY"          Warning "A service allowed on anybody's behalf (CTX-22).";
}

/// Whether a diagnostic refuses the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The document is refused.
    Error,
    /// A lint: the document means what it says, which may not be what was meant.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
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
        Diagnostic { severity, code, span, message, expected: None, help: None, rule, policy: None }
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
