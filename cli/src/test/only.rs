//! Which tests are run, where not all are.

use std::path::Path;

use super::world::Trial;

/// A choice of tests; an empty one is of all.
#[derive(Default)]
pub struct Only(Vec<Choice>);

enum Choice {
    /// Those whose names have this in them.
    Name(String),
    /// The one at a line of a file.
    Line(String, u64),
}

impl Only {
    /// Of what stands on the command line: `FILE:LINE`, or a part of a name.
    pub fn new(texts: &[String]) -> Only {
        let choice =
            |text: &String| match text.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse().ok()?))) {
                Some((file, line)) if is_file(file) => Choice::Line(file.to_owned(), line),
                _ => Choice::Name(text.clone()),
            };
        Only(texts.iter().map(choice).collect())
    }

    /// Whether it is of all.
    pub fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a test is among them.
    pub fn has(&self, file: &Path, trial: &Trial) -> bool {
        self.is_all()
            || self.0.iter().any(|choice| match choice {
                Choice::Name(part) => trial.name.contains(part.as_str()),
                Choice::Line(name, line) => {
                    trial.lines.iter().any(|lines| lines.contains(line))
                        && (file.ends_with(name) || file == Path::new(name))
                }
            })
    }
}

fn is_file(text: &str) -> bool {
    [".dct", ".json", ".jsonl", ".gz"].iter().any(|end| text.ends_with(end))
}
