//! What the documentation says is what the sources say: the tables of `docs/bundle.md`, the excerpts of
//! `CONTRIBUTING.md`, and the two commands of `README.md`.

use std::fs;

use dictum_vm::Layer;
use dictum_vm::bundle::{MAGIC, SECTION_COUNT, Section, VERSION, gate_of};
use dictum_vm::op::{Opcode, TestFlags};
use dictum_vm::operator::{Operator, Quantifier, Test};
use dictum_vm::tree::{Dimension, NODE_HEAD};
use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// Set to write the generated parts anew.
const BLESS: &str = "DICTUM_BLESS";

fn read(file: &str) -> String {
    fs::read_to_string(format!("{ROOT}/{file}")).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// A text as the cell of a table.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

fn row(cells: &[&str]) -> String {
    format!("| {} |\n", cells.iter().map(|text| cell(text)).collect::<Vec<_>>().join(" | "))
}

/// The first drawing in the comment that opens a source.
fn drawing(file: &str) -> String {
    let text = read(file);
    let lines =
        text.lines().take_while(|line| line.starts_with("//!")).map(|line| line[3..].strip_prefix(' ').unwrap_or(""));
    let inside = lines.skip_while(|line| *line != "```text").skip(1).take_while(|line| *line != "```");
    inside.map(|line| line.to_owned() + "\n").collect()
}

/// Items with the comments above them, from the line behind `start` to the closing brace.
fn documented(file: &str, start: &str) -> Vec<(String, String)> {
    let text = read(file);
    let lines =
        text.lines().skip_while(|line| line.trim() != start).skip(1).map(str::trim).take_while(|line| *line != "}");
    let (mut comment, mut items) = (String::new(), Vec::new());
    for line in lines {
        match line.strip_prefix("///") {
            Some(more) => comment += more,
            None => items.push((line.trim_end_matches(';').to_owned(), std::mem::take(&mut comment))),
        }
    }
    assert!(!items.is_empty(), "{file} has no `{start}`");
    items
}

/// Name and value of `pub const NAME: u32 = VALUE`.
fn constant(item: &str) -> (&str, &str) {
    let (name, value) = item.split_once(": u32 = ").unwrap_or_else(|| panic!("no constant: {item}"));
    (name.trim_start_matches("pub const "), value)
}

fn flags() -> String {
    let plain = Test { operator: Operator::StringEquals, quantifier: None, if_exists: false };
    let bits = |test| TestFlags::new(test).0 ^ TestFlags::new(plain).0 ^ (test.operator as u32 ^ plain.operator as u32);
    let quantified = |quantifier| bits(Test { quantifier: Some(quantifier), ..plain });
    [
        (bits(Test { if_exists: true, ..plain }), "the operator has `IfExists`"),
        (quantified(Quantifier::ForAllValues), "`ForAllValues`"),
        (quantified(Quantifier::ForAnyValue), "`ForAnyValue`"),
        (bits(Test { operator: Operator::StringNotEquals, ..plain }), "the operator is negated"),
    ]
    .map(|(bit, meaning)| row(&[&bit.trailing_zeros().to_string(), meaning]))
    .concat()
}

fn instructions() -> String {
    let line = |opcode: &Opcode| {
        row(&[&format!("0x{:02X}", *opcode as u32), &format!("`{}`", opcode.mnemonic()), opcode.meaning()])
    };
    Opcode::ALL.iter().map(line).collect()
}

fn operators() -> String {
    let line = |operator: &Operator| {
        let (family, comparison) = (format!("{:?}", operator.family()), format!("{:?}", operator.comparison()));
        let negated = if operator.is_negated() { "yes" } else { "" };
        row(&[&(*operator as u8).to_string(), operator.name(), &family, &comparison, negated])
    };
    Operator::ALL.iter().map(line).collect()
}

fn dimensions() -> String {
    let keys =
        documented("vm/src/tree.rs", "pub enum Dimension {").into_iter().filter(|(item, _)| item.contains(" = "));
    let line = |(dimension, (_, meaning)): (&Dimension, (String, String))| {
        let number = (*dimension as u32).to_string();
        row(&[&number, &format!("{:#03x}", dimension.bit()), dimension.name(), &meaning])
    };
    Dimension::ALL.iter().zip(keys).map(line).collect()
}

fn node() -> String {
    [
        ("0", "dimensions with denies below: bits 0 to 3; dimensions with allows below: bits 4 to 7; depth: from bit 8 on"),
        ("1", "number of slots"),
        ("2", "number of denies"),
        ("3", "number of allows"),
    ]
    .iter()
    .map(|(word, holds)| row(&[word, holds]))
    .chain([row(&[&format!("from {NODE_HEAD} on"), "slots asked in the condition dimension; references to deny records; to allow records"])])
    .collect()
}

fn gates() -> String {
    let levels = 2;
    [Layer::Identity, Layer::Resource, Layer::Boundary, Layer::Session, Layer::Scp(0), Layer::Scp(1), Layer::Rcp(0)]
        .map(|layer| {
            let name = match layer {
                Layer::Rcp(_) => format!("{layer}, in a bundle with {levels} levels of scp"),
                _ => layer.to_string(),
            };
            row(&[&gate_of(layer, levels).to_string(), &name])
        })
        .concat()
}

/// Every generated part, in the order in which the empty tables and drawings stand in the file.
fn parts() -> Vec<String> {
    let numbered =
        |(i, (item, meaning)): (usize, (String, String))| row(&[&i.to_string(), &format!("`{item}`"), &meaning]);
    let bits = |file, start| -> String {
        let items = documented(file, start).into_iter().filter(|(item, _)| !item.contains(" ALL:"));
        let line = |(item, meaning): (String, String)| {
            let (name, value) = constant(&item);
            row(&[value, name, &meaning])
        };
        items.map(line).collect()
    };
    let principal = |(item, meaning): (String, String)| {
        let (number, name) = item.split_once(' ').unwrap();
        row(&[number, name, &meaning])
    };
    let magic = std::str::from_utf8(&MAGIC).unwrap();
    vec![
        drawing("vm/src/bundle.rs"),
        row(&["first four bytes", &format!("`{magic}`")])
            + &row(&["version", &VERSION.to_string()])
            + &row(&["number of sections", &SECTION_COUNT.to_string()]),
        Section::ALL.iter().map(|section| row(&[section.name(), section.meaning()])).collect(),
        documented("vm/src/bundle.rs", "meta! {").into_iter().enumerate().map(numbered).collect(),
        bits("vm/src/bundle.rs", "pub mod members {"),
        node(),
        dimensions(),
        drawing("vm/src/op.rs"),
        instructions(),
        flags(),
        operators(),
        documented("vm/src/principal.rs", "principal_keys! {").into_iter().map(principal).collect(),
        bits("vm/src/anchor.rs", "impl Kinds {"),
        drawing("vm/src/glob.rs"),
        drawing("vm/src/table.rs"),
        gates(),
    ]
}

/// A page with its generated parts replaced: what stands in a drawing, and the rows of a table.
fn filled(page: &str, parts: &[String]) -> String {
    let (mut out, mut parts) = (String::new(), parts.iter());
    let (mut is_drawing, mut is_table) = (false, false);
    for line in page.lines() {
        is_table &= line.starts_with('|');
        match line {
            "```" => is_drawing = false,
            _ if is_drawing || is_table => continue,
            _ => {}
        }
        out += line;
        out.push('\n');
        if line == "```text" || line.starts_with("|--") {
            out += parts.next().expect("another table or drawing than those generated");
            (is_drawing, is_table) = (line == "```text", line != "```text");
        }
    }
    assert!(parts.next().is_none(), "some generated part has no place on the page");
    out
}

#[test]
fn the_page_of_the_format_is_that_of_the_sources() {
    let page = read("docs/bundle.md");
    let expected = filled(&page, &parts());
    if std::env::var_os(BLESS).is_some() {
        fs::write(format!("{ROOT}/docs/bundle.md"), expected).unwrap();
        return;
    }
    let differs = page.lines().zip(expected.lines()).find(|(left, right)| left != right);
    assert!(page == expected, "docs/bundle.md differs from the sources, {BLESS}=1 writes it anew: {differs:?}");
}

/// The fenced blocks of a page: what stands behind the fence, and the text.
fn blocks(page: &str) -> Vec<(String, String)> {
    let (mut blocks, mut open): (Vec<(String, String)>, bool) = (Vec::new(), false);
    for line in page.lines() {
        match line.strip_prefix("```") {
            Some(_) if open => open = false,
            Some(info) => {
                open = true;
                blocks.push((info.to_owned(), String::new()));
            }
            None if open => blocks.last_mut().unwrap().1 += &format!("{line}\n"),
            None => {}
        }
    }
    assert!(!open, "a block is not closed");
    blocks
}

/// Lines without indentation and without the marks of a comment.
fn bare(text: &str) -> Vec<&str> {
    text.lines().map(|line| line.trim().trim_start_matches("//!").trim_start_matches("///").trim()).collect()
}

/// A block whose fence names a file (` ```rust vm/src/op.rs `) is an excerpt of it; `…` alone on a line leaves lines out.
/// Of a file of cases it is one line, laid out at will.
#[test]
fn excerpts_occur_in_the_files_they_name() {
    let mut wrong = Vec::new();
    for page in ["README.md", "CONTRIBUTING.md"] {
        for (info, text) in blocks(&read(page)) {
            let Some(file) = info.split_whitespace().nth(1) else { continue };
            let source = read(file);
            if file.ends_with(".jsonl") {
                let wanted: Value = serde_json::from_str(&text).unwrap();
                if !source.lines().any(|line| serde_json::from_str::<Value>(line).is_ok_and(|line| line == wanted)) {
                    wrong.push(format!("{page}: no line of {file} is this case:\n{text}"));
                }
                continue;
            }
            let lines = bare(&source);
            for piece in bare(&text).split(|line| *line == "…").filter(|piece| !piece.is_empty()) {
                if !lines.windows(piece.len()).any(|window| window == piece) {
                    wrong.push(format!("{page}: this is not in {file}:\n{}", piece.join("\n")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Links of the pages to files of the repository, and files named in backticks.
#[test]
fn files_that_pages_name_are_there() {
    let mut missing = Vec::new();
    for page in ["README.md", "CONTRIBUTING.md"] {
        let text = read(page);
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let quoted = text.split('`').skip(1).step_by(2).filter(|text| text.contains('/') && text.ends_with(".rs"));
        for target in links.chain(quoted).filter(|target| !target.starts_with("http")) {
            if !std::path::Path::new(&format!("{ROOT}/{target}")).exists() {
                missing.push(format!("{page}: {target}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_readme_begins_with_the_two_commands() {
    let commands = blocks(&read("README.md")).into_iter().filter(|(info, _)| info == "sh").map(|(_, text)| text);
    let commands: Vec<String> = commands.take(2).collect();
    assert_eq!(commands, ["cargo run --release --example contact_centre\n", "cargo test --workspace\n"]);
}

#[test]
fn the_readme_counts_worlds_as_their_test_does() {
    let (readme, test) = (read("README.md"), read("corpus/tests/equivalence.rs"));
    for count in ["299_754", "100_000"] {
        assert!(test.contains(count) && readme.contains(&count.replace('_', ",")), "{count}");
    }
}
