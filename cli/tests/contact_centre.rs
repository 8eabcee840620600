//! The worked example prints what it always printed, and what `README.md` shows.

#[allow(dead_code, reason = "`main` is the example's")]
#[path = "../examples/contact_centre.rs"]
mod contact_centre;

#[test]
fn the_example_prints_this() {
    insta::assert_snapshot!(contact_centre::report().unwrap());
}

#[test]
fn the_readme_shows_the_output_of_the_example() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let report = contact_centre::report().unwrap();
    assert!(readme.contains(&format!("```text\n{report}```\n")), "README.md should have a block `text` with\n{report}");
}
