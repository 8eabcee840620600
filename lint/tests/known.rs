//! What is accepted by configuration or known by baseline is not told again; what is wrong there is.

use dictum_compiler::diagnostic::Severity;
use dictum_compiler::source::{PolicyType, SourceId, Sources};
use dictum_lint::baseline::Baseline;
use dictum_lint::{Config, Finding, Options, lint};

/// L-ID of the policy and L-EMPTY in each of the statements `Read` and number 1.
const POLICY: &str = r#"{"Version": "2012-10-17", "Id": "x", "Statement": [
  {"Sid": "Read", "Effect": "Deny", "Action": [], "Resource": "arn:aws:s3:::b"},
  {"Effect": "Deny", "Action": [], "Resource": "arn:aws:s3:::c"}
]}"#;

fn findings(options: &Options) -> Vec<Finding> {
    let mut sources = Sources::new();
    let file = sources.add_file("roles/a.json", POLICY);
    sources.add(PolicyType::Identity, "A", file, sources.whole(file));
    lint(&sources, options)
}

fn ids(findings: &[Finding]) -> Vec<String> {
    let place = |finding: &Finding| {
        let statement = finding.statement.as_ref();
        let name = statement.map(|it| it.sid.clone().unwrap_or_else(|| it.index.to_string()));
        format!("{}{}", finding.diagnostic.code.name(), name.map_or(String::new(), |name| format!(" {name}")))
    };
    let relevant = findings.iter().filter(|it| ["L-ID", "L-EMPTY"].contains(&it.diagnostic.code.name()));
    relevant.map(place).collect()
}

fn config(text: &str) -> Config {
    let (config, faults) = Config::parse(SourceId(0), text);
    assert_eq!(faults, [], "{text}");
    config
}

#[test]
fn an_allow_suppresses_what_it_names() {
    assert_eq!(ids(&findings(&Options::default())), ["L-ID", "L-EMPTY Read", "L-EMPTY 1"]);
    for (entry, left) in [
        (r#"file = "roles/a.json", id = "L-EMPTY""#, vec!["L-ID"]),
        (r#"file = "*.json", id = "L-EMPTY", sid = "Read""#, vec!["L-ID", "L-EMPTY 1"]),
        (r#"file = "./roles/?.json", id = "L-EMPTY", index = 1"#, vec!["L-ID", "L-EMPTY Read"]),
        (r#"file = "roles/a.json", id = "L-EMPTY", policy = "B""#, vec!["L-ID", "L-EMPTY Read", "L-EMPTY 1"]),
        (r#"file = "roles/a.json", id = "L-ID", sid = "Read""#, vec!["L-ID", "L-EMPTY Read", "L-EMPTY 1"]),
        (r#"file = "roles/b.json", id = "L-ID""#, vec!["L-ID", "L-EMPTY Read", "L-EMPTY 1"]),
    ] {
        let mut config = config(&format!("allow = [{{ {entry}, reason = \"x\" }}]"));
        let all = findings(&config.options(&Options::default()));
        assert_eq!(ids(&config.apply("roles/a.json", all)), left, "{entry}");
        let is_idle = left.len() == 3 && !entry.contains("b.json");
        assert_eq!(config.unused().len(), usize::from(is_idle), "{entry}");
    }
}

#[test]
fn groups_and_levels_are_as_configured() {
    let off = config("[groups]\nstyle = false");
    assert_eq!(ids(&findings(&off.options(&Options::default()))), ["L-EMPTY Read", "L-EMPTY 1"]);
    let level =
        config("fail-on = \"security\"\n[groups]\nstyle = false\n[levels]\nL-ID = \"error\"\nL-EMPTY = \"off\"");
    let found = findings(&level.options(&Options::default()));
    assert_eq!(ids(&found), ["L-ID"]);
    assert_eq!(found[0].diagnostic.severity, Severity::Error);
    assert_eq!(level.fail_on, Some(Severity::Security));
}

#[test]
fn what_is_wrong_with_a_configuration_is_told() {
    for (text, expected) in [
        ("[groups]\nstlye = false", "9..14 L-CONFIG there is no group `stlye`"),
        ("[levels]\nL-ID = \"grave\"", "16..23 L-CONFIG there is no level `grave`"),
        ("[levels]\nL-IDD = \"off\"", "9..14 L-ALLOW-UNKNOWN there is no check `L-IDD`"),
        ("fail-on = \"x\"", "10..13 L-CONFIG there is no level `x`"),
        ("[levels]\n\"E-JSON\" = \"off\"", "9..17 L-ALLOW-UNKNOWN `E-JSON` cannot be suppressed"),
        ("[[allow]]\nfile = \"a\"\nid = \"L-ID\"", "0..9 L-ALLOW-REASON a suppression without a reason"),
        (
            "[[allow]]\nfile = \"a\"\nid = \"L-ID\"\nreason = \"r\"\nsid = \"A\"\nindex = 0",
            "0..9 L-CONFIG a suppression with both `sid` and `index`",
        ),
        ("[[allow]]\nid = \"L-ID\"\nreason = \"r\"", "0..9 L-CONFIG not a configuration: missing field `file`"),
        ("[[allow]]\nfile = 1", "17..18 L-CONFIG not a configuration: invalid type: integer `1`, expected a string"),
        ("x", "1..1 L-CONFIG not a configuration"),
    ] {
        let (_, faults) = Config::parse(SourceId(0), text);
        let shown: Vec<String> = faults
            .iter()
            .map(|fault| format!("{}..{} {} {}", fault.span.start, fault.span.end, fault.code.name(), fault.message))
            .collect();
        assert!(shown.len() == 1 && shown[0].starts_with(expected), "{text}\n{shown:?}");
    }
}

#[test]
fn a_baseline_knows_what_it_was_written_of() {
    let found = findings(&Options::default());
    let mut baseline = Baseline::default();
    found[..2].iter().for_each(|finding| baseline.add("roles/a.json", finding));
    let text = baseline.text();
    let (again, faults) = Baseline::parse(SourceId(0), &text);
    assert_eq!((again.text(), faults), (text, vec![]));

    let left = baseline.clone().strike("roles/a.json", found.clone());
    assert_eq!(left, found[2..]);
    let mut mended = baseline.clone();
    let _ = mended.strike("roles/a.json", found[1..].to_vec());
    let stale: Vec<String> = mended.stale(|_| true).into_iter().map(|stale| stale.message).collect();
    assert_eq!(stale, [format!("`{}` is mended in `roles/a.json`", found[0].diagnostic.code.name())]);
    assert_eq!(mended.stale(|file| file == "roles/b.json"), []);
    assert_eq!(baseline.strike("roles/b.json", found.clone()), found);

    let (_, faults) = Baseline::parse(SourceId(0), "\n{}\n");
    assert_eq!((faults.len(), faults[0].span.start), (1, 1));
}
