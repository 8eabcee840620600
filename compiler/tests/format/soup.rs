//! Random files that the grammar takes, with white space and comments wherever they may stand.
//!
//! A file is read off a tape of numbers, of which a shorter one gives a smaller file: so proptest finds small failures.

/// What the numbers of a tape are spent on.
struct Soup<'t> {
    tape: &'t [u16],
    out: String,
    /// Whether the next token must touch the last one.
    touches: bool,
    comments: usize,
}

/// A file of the Dictum language.
pub fn file(tape: &[u16]) -> String {
    let mut soup = Soup { tape, out: String::new(), touches: false, comments: 0 };
    if soup.one_in(8) {
        soup.words(&["type", "scp"]);
    }
    while !soup.tape.is_empty() {
        soup.item(0);
    }
    soup.space();
    soup.out
}

const BARE: &[&str] = &[
    "*",
    "s3:Get*",
    "reads",
    "arn:aws:s3:::b/${aws:username}/*",
    "10.0.0.0/8",
    "-5",
    "arn:aws:iam::1:role/long-name-of-a-role",
    "json",
    "aws",
    "a?b",
];
const STRINGS: &[&str] = &[r#""""#, r#""a b""#, r#""\"\u{e9}\\ # {""#, r#""ünïcode ${aws:PrincipalTag/team, 'all'}""#];
const KEYS: &[&str] = &["aws:SourceIp", "s3:prefix?", "aws:RequestTag/${x:y}", r#""a key""#];
const SIGNS: &[&str] =
    &["==", "!=", "in", "not in", "~=", "!~=", "like", "not like", "<", "<=", ">", ">=", "is StringEquals"];

impl Soup<'_> {
    /// A number below `count`; 0 where the tape has ended.
    fn below(&mut self, count: usize) -> usize {
        let Some((&first, rest)) = self.tape.split_first() else { return 0 };
        self.tape = rest;
        usize::from(first) % count
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }

    fn any<'w>(&mut self, words: &[&'w str]) -> &'w str {
        words[self.below(words.len())]
    }

    /// White space, with or without comments; nothing where the tape has ended.
    fn space(&mut self) {
        match self.below(24) {
            0..12 => {}
            12 => self.out.push('\t'),
            13 => self.out.push_str("\r\n"),
            14 | 15 => self.out.push_str("\n  "),
            16 => self.out.push_str("\n\n \n\n"),
            17 | 18 => self.comment(" # ", "  \n"),
            19 => self.comment("\n    # ", "\n"),
            20 => self.comment("\n## ", "\r\n"),
            21 => self.comment(" ## ", "\n\n"),
            22 => {
                self.comment(" #", "\n\n");
                self.comment("# ", "\n");
            }
            _ => self.out.push_str("   "),
        }
    }

    fn comment(&mut self, start: &str, end: &str) {
        self.comments += 1;
        self.out.push_str(&format!("{start}comment {}, \"not}} a (string{end}", self.comments));
    }

    /// A token, behind white space that may be nothing where nothing is needed.
    fn word(&mut self, word: &str) {
        if !std::mem::take(&mut self.touches) {
            let last = self.out.chars().next_back();
            self.space();
            let free =
                last.is_none_or(|last| "([,".contains(last) || last.is_whitespace()) || ",)]".contains(&word[..1]);
            if !free && self.out.chars().next_back() == last {
                self.out.push(' ');
            }
        }
        self.out.push_str(word);
    }

    fn words(&mut self, words: &[&str]) {
        for word in words.iter().flat_map(|word| word.split(' ')) {
            self.word(word);
        }
    }

    /// A token that touches the one before it.
    fn touching(&mut self, word: &str) {
        self.touches = true;
        self.word(word);
    }

    fn list(&mut self, most: usize, mut entry: impl FnMut(&mut Self)) {
        for index in 0..=self.below(most) {
            if index > 0 {
                self.word(",");
            }
            entry(self);
        }
    }

    fn entry(&mut self) {
        match self.below(10) {
            0..5 => {
                let word = self.any(BARE);
                self.word(word);
            }
            5 | 6 => {
                let word = self.any(STRINGS);
                self.word(word);
            }
            7 => self.word(r#"num"+5""#),
            8 => {
                self.word("json");
                self.touching("(");
                self.words(&["true", ")"]);
            }
            _ => self.groups(),
        }
    }

    fn groups(&mut self) {
        let head = self.any(&["s3:", "arn:aws:iam::1:role/", "if"]);
        self.word(if head == "if" { "x" } else { head });
        for _ in 0..=self.below(2) {
            self.touching("{");
            self.list(4, |it| {
                let member = it.any(&["Get*", "?x", "on", "-", "a-rather-long-member-of-a-group"]);
                it.word(member);
            });
            self.word("}");
            if self.one_in(2) {
                self.touching("/tail");
            }
        }
    }

    fn entries(&mut self) {
        match self.below(4) {
            0 => {
                self.word("[");
                if self.one_in(3) {
                    return self.word("]");
                }
                self.list(6, Self::entry);
                if self.one_in(3) {
                    self.word(",");
                }
                self.word("]");
            }
            _ => self.list(6, Self::entry),
        }
    }

    fn selection(&mut self) {
        if self.one_in(5) {
            self.words(&["*", "except"]);
        }
        self.entries();
    }

    fn principal(&mut self) {
        let kind = self.any(&["*", "partners", "aws", "service", "json "]);
        self.word(kind.trim());
        if !matches!(kind, "*" | "partners") {
            if kind == "json " {
                self.out.push(' ');
            }
            self.word("(");
            if !self.one_in(4) {
                self.entries();
            }
            self.word(")");
        }
    }

    fn clause(&mut self) {
        match self.below(8) {
            0 => self.word("mfa"),
            1 => self.words(&["{", "}"]),
            2 => {
                self.word("Bool");
                self.words(&["{", "}"]);
            }
            3 => self.words(&["any", "aws:TagKeys", "exists"]),
            _ => {
                if self.one_in(4) {
                    self.word("all");
                }
                let key = self.any(KEYS);
                self.word(key);
                if key.starts_with('"') && self.one_in(2) {
                    self.touching("?");
                }
                let sign = self.any(SIGNS);
                self.words(&[sign]);
                match self.below(2) {
                    0 => self.entry(),
                    _ => {
                        self.word("[");
                        self.list(5, Self::entry);
                        self.word("]");
                    }
                }
            }
        }
    }

    fn clauses(&mut self) {
        for index in 0..=self.below(4) {
            if index > 0 {
                self.word("and");
            }
            self.clause();
        }
    }

    fn statement(&mut self) {
        for _ in 0..self.below(4) {
            let sid = self.any(&["@Sid", r#"@"a sid""#]);
            self.word(sid);
            if self.one_in(2) {
                self.word("(");
                if self.one_in(2) {
                    self.list(3, |it| {
                        let value = it.any(&["\"team\"", "sev2"]);
                        it.word(value);
                    });
                }
                self.word(")");
            }
        }
        let effect = self.any(&["allow", "deny"]);
        self.word(effect);
        self.selection();
        if self.one_in(3) {
            self.word("from");
            if self.one_in(3) {
                self.words(&["*", "except"]);
            }
            self.list(3, Self::principal);
        }
        if !self.one_in(3) {
            self.word("on");
            self.selection();
        }
        if self.one_in(2) {
            self.word("if");
            self.clauses();
        }
    }

    fn item(&mut self, depth: usize) {
        match self.below(10) {
            0..4 => self.statement(),
            4 => self.words(&["use", "\"common.dct\"", "as", "common"]),
            5 => {
                self.words(&["let", "x", "="]);
                if self.one_in(3) { self.list(3, Self::principal) } else { self.entries() }
            }
            6 => {
                self.words(&["cond", "mfa", "="]);
                self.clauses();
            }
            7 if depth < 2 => {
                self.words(&["policy", "p"]);
                for _ in 0..self.below(3) {
                    let name = self.any(&["version", "type"]);
                    let value = self.any(&["none", "\"2012-10-17\""]);
                    self.words(&[name, "=", value]);
                }
                self.word("{");
                for _ in 0..self.below(3) {
                    self.item(depth + 1);
                }
                self.word("}");
            }
            _ => self.test(),
        }
    }

    fn test(&mut self) {
        self.words(&["test", "\"a\""]);
        for _ in 0..self.below(3) {
            self.word("under");
            self.list(3, |it| {
                it.word("scp");
                if it.one_in(2) {
                    it.words(&["[", "0", "]"]);
                }
                let policy = it.any(&["common.guard", "\"cap.json\""]);
                it.word(policy);
            });
        }
        if self.one_in(2) {
            self.words(&["for", "("]);
            self.list(3, |it| it.word("who"));
            self.words(&[")", "in", "["]);
            self.list(4, |it| {
                it.word("(");
                it.list(3, |it| if it.one_in(4) { it.word("allow") } else { it.entry() });
                it.word(")");
            });
            if self.one_in(2) {
                self.word(",");
            }
            self.word("]");
        }
        self.word("{");
        for _ in 0..self.below(5) {
            self.test_line();
        }
        self.word("}");
    }

    fn test_line(&mut self) {
        match self.below(5) {
            0 => {
                self.word("as");
                self.entry();
            }
            1 => {
                self.words(&["as", "session", "("]);
                self.list(3, Self::entry);
                self.word(")");
            }
            2 => {
                self.word("do");
                self.entry();
                if self.one_in(2) {
                    self.word("on");
                    self.entries();
                }
                if self.one_in(2) {
                    self.words(&["account", "123456789012"]);
                }
            }
            3 => {
                self.word("with");
                self.list(4, |it| {
                    it.words(&["aws:SourceIp", "="]);
                    if it.one_in(2) { it.entry() } else { it.words(&["[", "1", ",", "2", "]"]) }
                });
            }
            _ => {
                self.words(&["expect", "allow"]);
                if self.one_in(2) {
                    self.word("by");
                    self.list(3, |it| it.word("POLICY#2"));
                }
            }
        }
    }
}

/// A JSON text.
pub fn json(tape: &[u16]) -> String {
    let mut soup = Soup { tape, out: String::new(), touches: false, comments: 0 };
    soup.value(0);
    soup.blanks();
    soup.out
}

impl Soup<'_> {
    fn blanks(&mut self) {
        let blanks = self.any(&["", "", "", " ", "\n", "\r\n\t", "\n\n\n"]);
        self.out.push_str(blanks);
    }

    fn value(&mut self, depth: usize) {
        self.blanks();
        let (open, close) = match self.below(if depth < 6 { 6 } else { 4 }) {
            0 => return self.out.push_str("null"),
            1 => return self.out.push_str("-1.50E+3"),
            2 => return self.out.push_str(r#""\u0041 \"[{,:\\""#),
            3 => return self.out.push_str("true"),
            4 => ('[', ']'),
            _ => ('{', '}'),
        };
        self.out.push(open);
        for index in 0..self.below(4) {
            if index > 0 {
                self.out.push(',');
            }
            if open == '{' {
                self.blanks();
                self.out.push_str("\"a\"");
                self.blanks();
                self.out.push(':');
            }
            self.value(depth + 1);
            self.blanks();
        }
        self.out.push(close);
    }
}
