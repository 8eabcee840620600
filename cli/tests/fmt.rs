//! fmt.

mod common;

use common::Folder;

const UGLY: &str = "allow   s3:Get*\n on *   # all\n";
const FORMATTED: &str = "allow s3:Get* on * # all\n";
const BROKEN: &str = "allow s3:Get*, on *\nlet = 3\n";

#[test]
fn files_are_formatted_in_place_once() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path().join("in/deep")).unwrap();
    folder.write("in/a.dct", UGLY).write("in/deep/b.dct", FORMATTED);
    folder.write("in/c.json", "{\"Statement\":[]}").write("in/package.json", "{ }").write("in/notes.txt", UGLY);
    let ran = folder.run(&["fmt", "in"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "in/a.dct\nin/c.json\n", ""));
    assert_eq!(folder.read("in/a.dct"), FORMATTED.as_bytes());
    assert_eq!(folder.read("in/c.json"), b"{\n  \"Statement\": []\n}\n");
    assert_eq!(
        (folder.read("in/package.json"), folder.read("in/notes.txt")),
        (b"{ }".to_vec(), UGLY.as_bytes().to_vec())
    );
    let again = folder.run(&["fmt", "in", "--verbose"]);
    assert_eq!((again.code, again.out.as_str()), (0, ""));
    assert_eq!(again.err, "in/package.json: left alone, no policy\n");
    // Who is named is meant.
    assert_eq!(folder.run(&["fmt", "in/package.json"]).code, 0);
    assert_eq!(folder.read("in/package.json"), b"{}\n");
}

#[test]
fn check_writes_nothing() {
    let folder = Folder::new();
    folder.write("a.dct", UGLY).write("b.dct", FORMATTED).write("c.json", "{}");
    let ran = folder.run(&["fmt", "--check", "a.dct", "b.dct", "c.json"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (1, "a.dct\nc.json\n", ""));
    assert_eq!(folder.read("a.dct"), UGLY.as_bytes());
    assert_eq!(folder.run(&["fmt", "--check", "b.dct"]).code, 0);
    let ran = folder.run(&["fmt", "--check", "--format", "json", "a.dct", "b.dct"]);
    assert_eq!((ran.code, ran.out.lines().count()), (1, 1), "{}", ran.out);
    let finding: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&finding["code"], &finding["start"]["line"]), (&"L-FORMAT".into(), &1.into()), "{finding}");
}

#[test]
fn what_has_errors_stays_and_the_rest_is_formatted() {
    let folder = Folder::new();
    folder.write("a.dct", BROKEN).write("b.dct", UGLY).write("c.json", "{\"Statement\": [}").write("d.json", "{");
    for extra in [&[][..], &["--check"]] {
        let ran = folder.run(&[&["fmt", ".", "gone.dct"], extra].concat());
        assert_eq!(ran.code, 2, "{ran:?}");
        // Both faults of the first file; one that is no policy is not even looked at.
        assert_eq!(ran.err.matches("error[E-SYNTAX]").count(), 2, "{}", ran.err);
        assert_eq!(ran.err.matches("error[E-JSON]").count(), 1, "{}", ran.err);
        assert_eq!(ran.err.matches("error[E-FILE]").count(), 1, "{}", ran.err);
        assert_eq!(folder.read("a.dct"), BROKEN.as_bytes());
    }
    assert_eq!(folder.read("b.dct"), FORMATTED.as_bytes());
    assert_eq!(folder.names(), ["a.dct", "b.dct", "c.json", "d.json"]);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = Folder::new();
    let pipe = |args: &[&str], text: &str| {
        let ran = folder.pipe(&[&["fmt", "--stdin"], args].concat(), text.as_bytes());
        (ran.code, ran.out, ran.err.contains("error[E-"))
    };
    assert_eq!(pipe(&[], UGLY), (0, FORMATTED.into(), false));
    let long = format!("allow s3:Get*\n  on {}\n", "*, ".repeat(20) + "*");
    assert_eq!(pipe(&["--width", "70"], &long), (0, long.clone(), false));
    assert_eq!(pipe(&[], &long), (0, long.replace("\n  ", " "), false));
    assert_eq!(pipe(&[], "{\"a\":1}"), (0, "{\n  \"a\": 1\n}\n".into(), false));
    assert_eq!(pipe(&["--from", "dct"], ""), (0, String::new(), false));
    assert_eq!(pipe(&["--from", "json"], ""), (2, String::new(), true));
    assert_eq!(pipe(&["--from", "dct"], "{\"a\":1}"), (2, String::new(), true));
    assert_eq!(pipe(&[], BROKEN), (2, String::new(), true));
    assert_eq!(pipe(&["--check"], UGLY), (1, "<stdin>\n".into(), false));
    for usage in
        [&["fmt"][..], &["fmt", "--stdin", "a.dct"], &["fmt", "a.dct", "--from", "dct"], &["fmt", "a", "--width", "5"]]
    {
        assert_eq!(folder.run(usage).code, 3, "{usage:?}");
    }
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = Folder::new();
    folder.write("a.dct", UGLY).write("fixed.dct", UGLY);
    let mode = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    let set =
        |name: &str, mode| std::fs::set_permissions(folder.path().join(name), PermissionsExt::from_mode(mode)).unwrap();
    set("a.dct", 0o640);
    set("fixed.dct", 0o444);
    symlink("a.dct", folder.path().join("link.dct")).unwrap();
    assert_eq!(folder.run(&["fmt", "link.dct"]).code, 0);
    assert_eq!((folder.read("a.dct"), mode("a.dct")), (FORMATTED.as_bytes().to_vec(), 0o640));
    assert!(std::fs::symlink_metadata(folder.path().join("link.dct")).unwrap().is_symlink());
    let ran = folder.run(&["fmt", "fixed.dct"]);
    assert_eq!((ran.code, ran.err.contains("may not be written")), (2, true), "{}", ran.err);
    assert_eq!(folder.read("fixed.dct"), UGLY.as_bytes());
}
