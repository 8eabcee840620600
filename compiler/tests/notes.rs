//! Doc comments and metadata reach a bundle and explanations, and nothing that decides.

use dictum_compiler::source::{PolicyType, Sources};
use dictum_compiler::{Options, compile};
use dictum_vm::bundle::Section;
use dictum_vm::listing::listing;
use dictum_vm::{Bundle, StatementId};

fn bundle(text: &str) -> Bundle<Vec<u8>> {
    let mut sources = Sources::new();
    let file = sources.add_file("team.dct", text);
    sources.add(PolicyType::Identity, "Team", file, sources.whole(file));
    let compiled =
        compile(&sources, &Options::default()).unwrap_or_else(|errors| panic!("{}", errors.render(&sources)));
    Bundle::from_bytes(compiled.bundle).unwrap()
}

const PLAIN: &str = r#"
#
#
@Read allow s3:Get* on arn:aws:s3:::home/${aws:username}/* if aws:SourceVpc == "vpc-1"

allow s3:ListBucket on *

#
@owner("team-data")
deny s3:Delete* on * if aws:PrincipalTag/team != "blue"
"#;

#[test]
fn notes_are_carried() {
    let text =
        PLAIN.replacen("#\n#\n", "## Everyone may read their own home.\n##  The VPC is ours — ask \"net\".\n", 1);
    let text = text
        .replace("#\n@owner(\"team-data\")", "## everyone may read\n@owner(\"team-data\", \"sev2\") @since(\"2026\")");
    let bundle = bundle(&text);
    let doc = |id| bundle.notes(StatementId(id)).doc().collect::<Vec<_>>();
    assert_eq!(doc(0), ["Everyone may read their own home.", " The VPC is ours — ask \"net\"."]);
    assert_eq!((doc(1).len(), doc(2)), (0, vec!["everyone may read"]));
    let metadata = bundle.notes(StatementId(2)).metadata();
    let metadata: Vec<_> = metadata.map(|(name, values)| (name, values.collect::<Vec<_>>())).collect();
    assert_eq!(metadata, [("owner", vec!["team-data", "sev2"]), ("since", vec!["2026"])]);
    assert!(bundle.notes(StatementId(1)).is_empty());
    let listed = listing(&bundle);
    assert!(
        listed.contains("## everyone may read\n  @owner(\"team-data\", \"sev2\")\n  @since(\"2026\")\n"),
        "{listed}"
    );
}

/// What decides is the same to the byte, the hash seed included.
#[test]
fn notes_decide_nothing() {
    let plain = bundle(&PLAIN.replace("@owner(\"team-data\")", ""));
    let noted = bundle(&PLAIN.replacen("#\n#\n", "## s3:get vpc-1\n## blue\n", 1));
    // The last three hold places and notes; the strings of notes stand behind all others.
    let cold = [Section::StringOffsets, Section::StringBytes, Section::Statements, Section::Noted, Section::Notes];
    let bytes_of = |bundle: &Bundle<Vec<u8>>, section: Section| {
        let word = |at: usize| u32::from_le_bytes(*bundle.bytes()[at..].first_chunk().unwrap()) as usize;
        let entry = 24 + 8 * section as usize;
        bundle.bytes()[word(entry)..][..word(entry + 4)].to_vec()
    };
    let differs = Section::ALL.iter().filter(|&&section| bytes_of(&plain, section) != bytes_of(&noted, section));
    let differs: Vec<_> = differs.copied().collect();
    assert_eq!(differs, cold);
    let strings = bytes_of(&plain, Section::StringBytes);
    assert!(bytes_of(&noted, Section::StringBytes).starts_with(&strings));
    assert!(plain.notes(StatementId(0)).is_empty() && !noted.notes(StatementId(2)).is_empty());
}
