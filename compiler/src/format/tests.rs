use super::*;

fn dct(text: &str) -> String {
    width(text, WIDTH)
}

/// The canonical form, which must be its own.
fn width(text: &str, width: usize) -> String {
    let format = |text: &str| match format(Notation::Dictum, text.as_bytes(), SourceId(0), width) {
        Ok(text) => text,
        Err(errors) => panic!("{text}\n{errors:?}"),
    };
    let once = format(text);
    assert_eq!(format(&once), once, "of {text}");
    assert!(once.lines().all(|line| line == line.trim_end()), "{once}");
    once
}

/// The examples of the language's description, but for line breaks that canonical form sets elsewhere.
#[test]
fn statements() {
    insta::assert_snapshot!(dct(include_str!("tests/statements.dct")));
}

#[test]
fn lets_and_tests() {
    insta::assert_snapshot!(dct(include_str!("tests/tests.dct")));
}

/// Comments stay with the token that they stood beside, wherever that is.
#[test]
fn comments() {
    insta::assert_snapshot!(dct(include_str!("tests/comments.dct")));
}

#[test]
fn blank_lines_and_line_ends() {
    let text = "\r\n\r\n# a\r\n\r\n\r\n# b \t\r\nlet x = s3:Get\r\nlet y = s3:Put\n\n\n\n## c\ntest \"t\" {\n\n\n  # d\n\n  as *\n\n\n  do x:y\n\n}\n\n# e\n\n\n";
    insta::assert_snapshot!(dct(text), @r#"
    # a

    # b
    let x = s3:Get
    let y = s3:Put

    ## c
    test "t" {
      # d

      as *

      do x:y
    }

    # e
    "#);
    assert_eq!(dct(""), "");
    assert_eq!(dct(" \n\n\t"), "");
    assert_eq!(dct("# only"), "# only\n");
}

#[test]
fn everything_on_one_line_and_nothing() {
    let line =
        "type scp policy\"a b\" version=none id = \"x\"{allow s3:Get on * deny * on[]if{}and Bool {}}policy p {}";
    insta::assert_snapshot!(dct(line), @r#"
    type scp
    policy "a b" version=none id="x" {
      allow s3:Get on *
      deny * on [] if {} and Bool {}
    }
    policy p { }
    "#);
}

#[test]
fn narrow_pages_break_more() {
    let text = "@A allow s3:{Get*, List*}, kms:Decrypt from aws(a, b), service(c) on [x:y, *] if k:a in [\"a\", \"b\"]";
    insta::assert_snapshot!(width(text, 20), @r#"
    @A allow s3:{Get*,
        List*},
        kms:Decrypt
      from aws(a, b),
        service(c)
      on [x:y, *]
      if k:a in [
        "a", "b"]
    "#);
    // A word is never broken.
    assert_eq!(width("allow s3:GetObject on *", 1), "allow\n    s3:GetObject\n  on *\n");
}

#[test]
fn what_cannot_be_read_is_not_formatted() {
    for (notation, text) in
        [(Notation::Dictum, "allow s3:Get on"), (Notation::Dictum, "\u{feff}"), (Notation::Json, "{,}")]
    {
        let errors = format(notation, text.as_bytes(), SourceId(3), WIDTH).unwrap_err();
        assert_eq!(errors.first().map(|error| error.span.source), Some(SourceId(3)), "{text}");
    }
    assert!(format(Notation::Dictum, b"# \xff", SourceId(0), WIDTH).is_err());
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(format(Notation::Json, deep(128).as_bytes(), SourceId(0), WIDTH).is_ok());
    assert!(format(Notation::Json, deep(129).as_bytes(), SourceId(0), WIDTH).is_err());
}

#[test]
fn json_keeps_what_is_written() {
    let text =
        r#" { "Version":"2012\u002d10-17" ,"a":[1.50,-0 ,1E2 ],"a":{},"b":[ ] ,"c":["x"], "d":[ [ ],{"e":null}]}"#;
    let once = format(Notation::Json, text.as_bytes(), SourceId(0), WIDTH).unwrap();
    insta::assert_snapshot!(once, @r#"
    {
      "Version": "2012\u002d10-17",
      "a": [
        1.50,
        -0,
        1E2
      ],
      "a": {},
      "b": [],
      "c": [
        "x"
      ],
      "d": [
        [],
        {
          "e": null
        }
      ]
    }
    "#);
    assert_eq!(format(Notation::Json, once.as_bytes(), SourceId(0), WIDTH).unwrap(), once);
}
