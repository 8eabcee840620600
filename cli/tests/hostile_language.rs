//! Files of the Dictum language that somebody made to do harm: each gets an error soon, in little memory and few words.
#![cfg(unix)]

mod common;

use std::process::{Command, Output};

use common::Folder;

/// What one command may take: seconds of a processor, and kilobytes of address space.
const LIMITS: &str = "ulimit -t 10; ulimit -v 1000000; exec \"$0\" \"$@\"";
/// What it may say, in bytes.
const WORDS_MAX: usize = 600_000;
/// Bytes of a file that is much of one thing.
const MANY: usize = 1 << 20;

fn run(folder: &Folder, args: &[&str]) -> Output {
    let mut command = Command::new("sh");
    command.args(["-c", LIMITS, env!("CARGO_BIN_EXE_dictum")]).args(args).current_dir(folder.path());
    command.output().unwrap()
}

/// Checks and formats a file. The first must refuse it with this code, the second may find nothing wrong.
fn refused(name: &str, text: impl AsRef<[u8]>, code: &str) {
    let folder = Folder::new();
    folder.write("bad.dct", text);
    for args in [&["check", "bad.dct"][..], &["fmt", "--check", "bad.dct"]] {
        let ran = run(&folder, args);
        let err = String::from_utf8_lossy(&ran.stderr);
        let start: String = err.chars().take(2_000).collect();
        assert!(ran.status.code().is_some_and(|code| code <= 2), "{name}: {args:?}: {}: {start}", ran.status);
        assert!(err.len() < WORDS_MAX, "{name}: {args:?}: {} bytes: {start}", err.len());
        assert!(!err.contains("mistake of dictum"), "{name}: {args:?}: {start}");
        if args[0] == "check" {
            assert_eq!(ran.status.code(), Some(2), "{name}: {start}");
            assert!(err.contains(&format!("error[{code}")), "{name}: {start}");
        }
    }
}

/// A text over and over.
fn many(text: &str) -> String {
    text.repeat(MANY / text.len())
}

/// Numbered texts, as many as there is room for.
fn numbered(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect()
}

#[test]
fn nothing_nests_and_nothing_needs_its_end() {
    for open in
        ["(", "[", "{", "a{", "a{b,", "${", "\"", "\"\\", "\"\n", "@", "@a(", "\\", "é", "\0", "}", "]", ")", ","]
    {
        refused(&format!("many {open:?}"), many(open), "E-");
    }
    for words in [
        "let ",
        "allow ",
        "allow [",
        "policy p { ",
        "test \"a\" { ",
        "if ",
        "from aws(",
        "for (",
        "@a ",
        "as ",
        "type ",
    ] {
        let code = if words.starts_with("policy") { "E-LIMIT" } else { "E-SYNTAX" };
        refused(&format!("many {words:?}"), many(words), code);
        refused(&format!("statement and {words:?}"), "allow s3:Get on * ".to_owned() + &many(words), code);
    }
    refused("commas", "allow s3:Get".to_owned() + &",".repeat(200_000) + " on *", "E-SYNTAX");
}

#[test]
fn nothing_is_longer_than_it_may_be() {
    let long = "a".repeat(MANY);
    refused("a file", "a".repeat(10_000_000), "E-LIMIT");
    for text in [
        format!("allow s3:{long} on *"),
        format!("@{long} allow s3:Get on *"),
        format!("@{long}(x) allow s3:Get on *"),
        format!("let {long} = s3:Get"),
        format!("allow s3:Get on * if a:b == \"{long}\""),
        format!("allow s3:Get on * if a:b == num\"{long}\""),
        format!("allow s3:{{{long}, b}} on *"),
        format!("allow s3:{{a, b}}{long} on *"),
        format!("use \"{long}\" as x\nallow s3:Get on *"),
        format!("policy p id=\"{long}\" {{ allow s3:Get on * }}"),
    ] {
        refused(&text[..20], &text, "E-LIMIT");
    }
    // What groups make is as long as anything else, and so is what escapes stand for.
    let half = "a".repeat(4_200);
    refused("a group", format!("allow s3:{half}{{b, {half}}} on *"), "E-LIMIT");
    refused("escapes", format!("allow s3:Get on * if a:b == \"{}\"", "\\u{41}".repeat(9_000)), "E-LIMIT");
    let folder = Folder::new();
    folder.write("good.dct", format!("# {long}\nallow s3:Get on *"));
    assert_eq!(run(&folder, &["check", "good.dct"]).status.code(), Some(0));
}

#[test]
fn nothing_multiplies() {
    let members = |count| numbered(count, |at| format!("{}a{at}", if at > 0 { "," } else { "" }));
    let hundred = members(101);
    refused("two groups", format!("allow s3:{{{hundred}}}{{{hundred}}} on *"), "E-LIMIT");
    refused("many groups", format!("allow {} on *", vec!["s3:{a,b}{c,d}"; 100_000].join(",")), "E-LIMIT");
    refused("groups in one text", format!("allow s3:{} on *", "{a,b}".repeat(200_000)), "E-SYNTAX");
    refused("a large group", format!("allow s3:{{{}}} on *", members(150_000)), "E-LIMIT");
    let heavy = format!("allow s3:{}{{{}}} on *\n", "x".repeat(8_000), "b,".repeat(60_000) + "b");
    refused("groups of long texts", heavy.repeat(MANY / heavy.len()), "E-LIMIT");
    for (first, join, statement) in [
        ("let n0 = s3:Get", ", ", "allow n60 on *"),
        ("let n0 = aws(a)", ", ", "allow s3:Get from n60"),
        ("cond n0 = a:b == \"c\"", " and ", "allow s3:Get on * if n60"),
    ] {
        let kind = &first[..4];
        let doubled = numbered(60, |at| format!("{kind} n{} = n{at}{join}n{at}\n", at + 1));
        refused(first, format!("{first}\n{doubled}{statement}"), "E-LIMIT");
    }
    let all = format!("let n0 = {}\n", numbered(1_000, |at| format!("s3:{at}, ")) + "s3:x");
    refused("a long list at many uses", all + &"allow n0 on *\n".repeat(20_000), "E-LIMIT");
}

#[test]
fn much_of_anything_is_read_or_refused_soon() {
    let lets = numbered(100_000, |at| format!("let n{at} = s3:Get{at}\n"));
    refused("lets", lets + "allow n1 on *", "E-LIMIT");
    refused(
        "a chain of lets",
        numbered(9_000, |at| format!("let n{at} = n{}\n", at + 1)) + "let n9000 = s3:Get",
        "E-LIMIT",
    );
    let known = numbered(9_000, |at| format!("let n{at} = s3:Get{at}\n"));
    refused("unknown names", format!("{known}allow {} on *", vec!["x"; 400_000].join(",")), "E-NAME");
    refused("unknown conds", format!("allow s3:Get on * if {}", vec!["x"; 200_000].join(" and ")), "E-NAME");
    refused("entries", format!("allow {} on *", vec!["s3:a"; 150_000].join(",")), "E-LIMIT");
    refused("values", format!("allow s3:Get on * if a:b in [{}]", vec!["\"a\""; 150_000].join(",")), "E-LIMIT");
    refused("no actions", format!("allow {} on *\n", vec!["\"a\""; 60_000].join(",")).repeat(4), "E-ACTION");
    refused("principals", format!("allow s3:Get from {}", vec!["aws(a)"; 150_000].join(",")), "E-");
    let operators = numbered(70_000, |at| format!(" and k is A{at} \"x\""));
    refused("operators", format!("allow s3:Get on * if k exists{operators}"), "E-OPERATOR");
    let keys = numbered(70_000, |at| format!(" and k:{at} == \"x\""));
    refused("keys twice", format!("allow s3:Get on * if k:0 == \"x\"{keys}"), "E-DUPKEY");
    let attributes = numbered(140_000, |at| format!(" a{at}=x"));
    refused("attributes", format!("policy p{attributes} {{ }}"), "E-SYNTAX");
    refused("one block", "policy p {allow s3:Get on *}\n".repeat(40_000), "E-NAME");
    // Each policy tells its first error.
    let blocks = numbered(1_000, |at| format!("policy p{at} {{allow s3 on *}}\n"));
    refused("blocks", blocks, "E-NAME");
    refused("statements", "allow s3 on *\n".repeat(80_000), "E-");
    refused("imports", numbered(60_000, |at| format!("use \"f{at}.dct\" as u{at}\n")), "E-IMPORT");
    refused("Sids", "@a ".repeat(300_000) + "allow s3:Get on *", "E-SID");
    let rows = vec!["(x,y)"; 150_000].join(",");
    refused("rows", format!("test \"a\" for (a, b) in [{rows}] {{ as * do s3:Get on * expect allow }}"), "E-");
    refused(
        "policies of a test",
        format!("test \"a\" under {} {{ expect allow }}", vec!["scp[0] x"; 140_000].join(",")),
        "E-",
    );
    refused("lines of a test", format!("test \"a\" {{ {} }}", "expect allow ".repeat(100_000)), "E-");
}

#[test]
fn bytes_that_are_no_text_are_named() {
    refused("UTF-8", b"allow s3:Get on * # \xff\xfe", "E-SYNTAX");
    refused("half a character", b"allow s3:Get on * # \xc3", "E-SYNTAX");
    refused("NUL", "allow s3:Get on *\0", "E-SYNTAX");
    refused("a byte-order mark", "\u{feff}allow s3:Get on *", "E-SYNTAX");
    refused("JSON", "{\"Statement\": []}", "E-SYNTAX");
}

#[test]
fn circles_end() {
    let folder = Folder::new();
    folder.write("a.dct", "use \"b.dct\" as b\nallow b.x on *").write("b.dct", "use \"c.dct\" as c\nlet x = c.x");
    folder
        .write("c.dct", "use \"a.dct\" as a\nlet x = a.x")
        .write("own.dct", "use \"own.dct\" as own\nallow own.x on *");
    folder.write("chain0.dct", "use \"chain1.dct\" as n\nallow n.x on *");
    for at in 1..=200 {
        folder.write(&format!("chain{at}.dct"), format!("use \"chain{}.dct\" as n\nlet x = n.x", at + 1));
    }
    folder.write("chain201.dct", "let x = s3:Get");
    for name in ["a.dct", "own.dct", "chain0.dct"] {
        let ran = run(&folder, &["check", name]);
        let err = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(2), "{name}: {err}");
        assert!(err.contains("error[E-IMPORT]") && err.len() < WORDS_MAX, "{name}: {err}");
    }
    refused("lets", "let a = b\nlet b = a\nallow a on *", "E-NAME");
    refused("conds", "cond a = b and b\ncond b = a\nallow s3:Get on * if a", "E-NAME");
}
