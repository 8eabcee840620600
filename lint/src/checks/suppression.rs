//! What is wrong with suppressions and with the configuration itself; none of this can be suppressed.

use dictum_compiler::diagnostic::{Class, Code, Severity};

use super::{config, identity};
use crate::check::{Check, Group, Run};

/// A configuration that cannot be read.
pub(crate) const CONFIG: Code = Code::new(&Class {
    name: "L-CONFIG",
    severity: Severity::Error,
    meaning: "A configuration that is none, or that names what there is not.",
});

/// A comment that begins like a suppression.
pub(crate) const SYNTAX: Code = Code::new(&Class {
    name: "L-ALLOW-SYNTAX",
    severity: Severity::Error,
    meaning: "A comment that begins like a suppression and is none.",
});

/// A suppression without reason.
pub(crate) const NO_REASON: Code =
    Code::new(&Class { name: "L-ALLOW-REASON", severity: Severity::Error, meaning: "A suppression without a reason." });

/// A suppression of what there is not.
pub(crate) const UNKNOWN: Code = Code::new(&Class {
    name: "L-ALLOW-UNKNOWN",
    severity: Severity::Warning,
    meaning: "A suppression of a check that does not exist or cannot be suppressed.",
});

/// A suppression that suppresses nothing.
pub(crate) const UNUSED: Code =
    Code::new(&Class { name: "L-ALLOW-UNUSED", severity: Severity::Warning, meaning: "A suppression of nothing." });

/// A policy that the checks are not made for.
pub(crate) const UNCHECKED: Code = Code::new(&Class {
    name: "L-UNCHECKED",
    severity: Severity::Warning,
    meaning: "A policy that is too large for the checks.",
});

/// A baseline that knows what there is no more.
pub(crate) const BASELINE: Code = Code::new(&Class {
    name: "L-BASELINE",
    severity: Severity::Suggestion,
    meaning: "A baseline that knows findings that are mended.",
});

pub(super) const CHECKS: &[Check] = &[
    Check {
        code: CONFIG,
        group: Group::Correctness,
        rule: "dictum lint",
        why: "What is misspelt in `dictum-lint.toml` would be ignored, and a check that was meant to be off, or on, would not be.",
        bad: config("[levels]\nL-ADMIN = \"grave\"\n"),
        good: config("[levels]\nL-ADMIN = \"warning\"\nL-ID = \"off\"\n"),
        run: Run::Suppression,
    },
    Check {
        code: SYNTAX,
        group: Group::Correctness,
        rule: "dictum lint",
        why: "A comment that begins with `dictum:` is meant for the linter. One that it does not understand suppresses nothing.",
        bad: identity("# dictum: ignore L-ADMIN reason=\"break glass\"\n@BreakGlass allow * on *\n"),
        good: identity("# dictum: allow L-ADMIN reason=\"break glass\"\n@BreakGlass allow * on *\n"),
        run: Run::Suppression,
    },
    Check {
        code: NO_REASON,
        group: Group::Correctness,
        rule: "dictum lint",
        why: "Whoever reads the policy next year must know whether the reason still holds. Without one nothing is suppressed.",
        bad: identity("# dictum: allow L-ADMIN\n@BreakGlass allow * on *\n"),
        good: identity("# dictum: allow L-ADMIN reason=\"break glass, see runbook 7\"\n@BreakGlass allow * on *\n"),
        run: Run::Suppression,
    },
    Check {
        code: UNKNOWN,
        group: Group::Correctness,
        rule: "dictum lint",
        why: "The id is misspelt, or belongs to an error, which has to be mended.",
        bad: config("[[allow]]\nfile = \"a.json\"\nid = \"L-ADMINN\"\nreason = \"break glass\"\n"),
        good: config("[[allow]]\nfile = \"a.json\"\nid = \"L-ADMIN\"\nreason = \"break glass\"\n"),
        run: Run::Suppression,
    },
    Check {
        code: UNUSED,
        group: Group::Correctness,
        rule: "dictum lint",
        why: "What it was about is mended or gone. Left standing it would hide the next finding of its kind.",
        bad: identity("# dictum: allow L-ADMIN reason=\"break glass\"\n@Read allow s3:GetObject on arn:aws:s3:::b/*\n"),
        good: identity("# dictum: allow L-ADMIN reason=\"break glass\"\n@BreakGlass allow * on *\n"),
        run: Run::Suppression,
    },
    Check {
        code: UNCHECKED,
        group: Group::Correctness,
        rule: "dictum lint",
        why: "Checks compare the parts of a policy with each other and look up what its wildcards take in. Of a policy that is larger than any service takes by far they would not come to an end, and only what the compiler remarks is told.",
        bad: identity(include_str!("../../examples/unchecked.json")),
        good: identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#),
        run: Run::Suppression,
    },
    Check {
        code: BASELINE,
        group: Group::Correctness,
        rule: "dictum lint",
        why: "A mended finding that the baseline still knows would hide the next one of its kind in the same statement.",
        bad: config(r#"{"file":"a.json","id":"L-ID","policy":"A","digest":"af63bd4c8601b7be","count":1}"#),
        good: config(""),
        run: Run::Baseline,
    },
];
