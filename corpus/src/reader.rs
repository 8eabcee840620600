//! Files of cases: `.jsonl` line by line, `.json` whole, either of them gzipped; and ids unique in a run.

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use crate::case::{self, Case, CaseError, CaseFault, Organizations};
use crate::raw::{self, Shape};
use crate::set;

/// The ids and the organizations seen in one run, over all its files.
#[derive(Debug, Default)]
pub struct Run {
    ids: HashSet<String>,
    organizations: Organizations,
}

/// What a file holds.
#[derive(Debug)]
pub enum Input<'run> {
    /// Cases.
    Cases(Cases<'run>),
    /// A policy: a `.json` file whose object has a member `Statement`.
    Policy(Vec<u8>),
    /// A set of policies: a `.json` file whose object has members, all of them those of `policies`.
    Set(Vec<u8>),
}

/// Why reading does not give a case.
#[derive(Debug)]
pub enum ReadError {
    /// This one is no case; the next may be.
    Case(CaseError),
    /// The file cannot be read any further.
    Io(io::Error),
    /// The file held no case at all.
    Empty,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Case(error) => error.fmt(f),
            ReadError::Io(error) => error.fmt(f),
            ReadError::Empty => f.write_str("no case at all"),
        }
    }
}

impl std::error::Error for ReadError {}

impl Run {
    /// Opens a file of cases, which is gzipped if it begins like a gzip file. A name that ends in `.json` or `.json.gz` is
    /// read whole, as one case, an array of cases, or a policy; any other line by line.
    ///
    /// # Errors
    /// The file cannot be opened, or a `.json` file not be read.
    pub fn open(&mut self, path: &Path) -> io::Result<Input<'_>> {
        let name = path.as_os_str().to_string_lossy();
        let folder = path.parent().map(|folder| if folder == Path::new("") { Path::new(".") } else { folder });
        let mut reader = open(path)?;
        if is_bundle(&mut reader)? {
            return Err(io::Error::other("is a bundle and holds no cases"));
        }
        if name.strip_suffix(".gz").unwrap_or(&name).ends_with(".json") {
            self.whole(reader, folder)
        } else {
            Ok(Input::Cases(self.lines(reader, folder)))
        }
    }

    /// Reads cases line by line. `folder` is where `file` entries are looked for.
    pub fn lines<'run>(&'run mut self, reader: impl BufRead + 'run, folder: Option<&Path>) -> Cases<'run> {
        let source = Source::Lines { reader: Box::new(reader), line: 0, over: false };
        Cases { run: self, folder: folder.map(Path::to_owned), source, any: false }
    }

    /// Reads a `.json` file: one case, an array of cases, or a policy.
    ///
    /// # Errors
    /// Those of the reader. What is no JSON is a [`CaseFault`] of the cases that come out.
    pub fn whole<'run>(&'run mut self, mut reader: impl Read, folder: Option<&Path>) -> io::Result<Input<'run>> {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes)?;
        let parts = match parts(&bytes) {
            Ok(Parts::Policy) => return Ok(Input::Policy(bytes)),
            Ok(Parts::Set) => return Ok(Input::Set(bytes)),
            Ok(Parts::Cases(parts)) => parts,
            Err(fault) => {
                let source = Source::Fault(Some(CaseError::new(1, fault)));
                return Ok(Input::Cases(Cases { run: self, folder: None, source, any: false }));
            }
        };
        let whole = String::from_utf8(bytes).expect("parts() has read it as UTF-8");
        let source = Source::Whole { whole, parts: parts.into_iter(), line: 1, counted: 0 };
        Ok(Input::Cases(Cases { run: self, folder: folder.map(Path::to_owned), source, any: false }))
    }
}

/// Whether what is read begins like a bundle, whose bytes are no lines.
///
/// # Errors
/// Those of the reader.
pub fn is_bundle(reader: &mut impl BufRead) -> io::Result<bool> {
    Ok(reader.fill_buf()?.starts_with(&dictum_vm::bundle::MAGIC))
}

/// Opens a file, unpacked if it begins like a gzip file.
pub fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    decoded(File::open(path)?)
}

/// What is read, unpacked if it begins like a gzip file.
///
/// # Errors
/// Those of the reader.
pub fn decoded(reader: impl Read + 'static) -> io::Result<Box<dyn BufRead>> {
    let mut reader = BufReader::with_capacity(1 << 16, reader);
    Ok(if reader.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(reader)))
    } else {
        Box::new(reader)
    })
}

/// Reads the next line that is not blank into `bytes`; `None` at the end.
pub(crate) fn next_line(reader: &mut impl BufRead, line: &mut u64, bytes: &mut Vec<u8>) -> io::Result<Option<()>> {
    loop {
        bytes.clear();
        *line += 1;
        match reader.read_until(b'\n', bytes)? {
            0 => return Ok(None),
            _ if bytes.iter().all(|byte| b" \t\r\n".contains(byte)) => {}
            _ => return Ok(Some(())),
        }
    }
}

enum Parts {
    /// Start and end of each value that should be a case.
    Cases(Vec<(usize, usize)>),
    Policy,
    Set,
}

fn parts(bytes: &[u8]) -> Result<Parts, CaseFault> {
    let whole = utf8(bytes)?;
    let raw = raw::scan(whole).map_err(CaseFault::NotJson)?;
    let values = match raw::shape(raw) {
        Shape::Array => raw::elements(raw).map_err(CaseFault::NotJson)?,
        Shape::Object if raw::members(raw).is_ok_and(|members| members.iter().any(|(name, _)| name == "Statement")) => {
            return Ok(Parts::Policy);
        }
        Shape::Object if set::is_set(raw) => return Ok(Parts::Set),
        _ => vec![raw],
    };
    let range = |value| (raw::offset(whole, value), raw::offset(whole, value) + value.get().len());
    Ok(Parts::Cases(values.into_iter().map(range).collect()))
}

fn utf8(bytes: &[u8]) -> Result<&str, CaseFault> {
    str::from_utf8(bytes).map_err(|error| CaseFault::NotUtf8 { valid_up_to: error.valid_up_to() })
}

/// The cases of one file, in order. After [`ReadError::Io`] and [`ReadError::Empty`] nothing follows.
pub struct Cases<'run> {
    run: &'run mut Run,
    folder: Option<PathBuf>,
    source: Source<'run>,
    any: bool,
}

enum Source<'run> {
    Lines { reader: Box<dyn BufRead + 'run>, line: u64, over: bool },
    Whole { whole: String, parts: std::vec::IntoIter<(usize, usize)>, line: u64, counted: usize },
    Fault(Option<CaseError>),
}

impl fmt::Debug for Cases<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cases").field("folder", &self.folder).field("any", &self.any).finish_non_exhaustive()
    }
}

impl Source<'_> {
    fn next(&mut self, folder: Option<&Path>, known: &mut Organizations) -> Option<Result<Case, ReadError>> {
        let case = match self {
            Source::Fault(error) => Err(error.take()?),
            Source::Whole { whole, parts, line, counted } => {
                let (start, end) = parts.next()?;
                *line += whole[*counted..start].bytes().filter(|byte| *byte == b'\n').count() as u64;
                *counted = start;
                read_one(whole, start..end, *line, folder, known)
            }
            Source::Lines { over: true, .. } => return None,
            Source::Lines { reader, line, over } => {
                let mut bytes = Vec::new();
                match next_line(reader, line, &mut bytes) {
                    Ok(Some(())) => {}
                    Ok(None) => return None,
                    Err(error) => {
                        *over = true;
                        return Some(Err(ReadError::Io(error)));
                    }
                }
                match utf8(&bytes) {
                    Ok(text) => read_one(text, 0..text.len(), *line, folder, known),
                    Err(fault) => Err(CaseError::new(*line, fault)),
                }
            }
        };
        Some(case.map_err(ReadError::Case))
    }
}

/// The case that stands in a part of `whole`.
fn read_one(
    whole: &str,
    part: std::ops::Range<usize>,
    line: u64,
    folder: Option<&Path>,
    known: &mut Organizations,
) -> Result<Case, CaseError> {
    match raw::scan(&whole[part]) {
        Ok(raw) => case::parse(whole, raw, line, folder, known),
        Err(error) => Err(CaseError::new(line, CaseFault::NotJson(error))),
    }
}

impl Iterator for Cases<'_> {
    type Item = Result<Case, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.source.next(self.folder.as_deref(), &mut self.run.organizations);
        let first = !std::mem::replace(&mut self.any, true);
        match item {
            Some(Ok(case)) if !self.run.ids.insert(case.id.clone()) => {
                let fault = CaseFault::RepeatedId;
                Some(Err(ReadError::Case(CaseError { id: Some(case.id), line: case.line, fault, expect: None })))
            }
            None if first => {
                self.source = Source::Fault(None);
                Some(Err(ReadError::Empty))
            }
            item => item,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Arc;

    use super::*;

    fn lines(bytes: &[u8]) -> Vec<String> {
        let mut run = Run::default();
        run.lines(bytes, None).map(|item| item.map_or_else(|error| error.to_string(), |case| case.id)).collect()
    }

    #[test]
    fn each_line_is_for_itself() {
        let text = b"\n{\"id\":\"a\",\"request\":{}}\r\n \t\n\xff\n[1\n{\"id\":\"a\",\"request\":1}\n{\"id\":\"b\",\"request\":1}";
        assert_eq!(
            lines(text),
            [
                "a",
                "line 4: not UTF-8 from byte 0 on",
                "line 5: not JSON: EOF while parsing a list at line 2 column 0",
                "line 6: another case of this run has the same id",
                "b"
            ]
        );
        assert_eq!(lines(b"\n  \n"), ["no case at all"]);
    }

    #[test]
    fn deep_and_long_lines_are_lines() {
        let deep = format!("{0}\n{{\"id\":\"a\",\"request\":{0}{1}}}\n", "[".repeat(200_000), "]".repeat(200_000));
        let got = lines(deep.as_bytes());
        assert_eq!((got.len(), got[1].as_str()), (2, "a"));
    }

    #[test]
    fn a_json_file_is_a_case_or_several_or_a_policy() {
        let read = |text: &str| {
            let mut run = Run::default();
            match run.whole(text.as_bytes(), None).unwrap() {
                Input::Policy(_) => vec!["policy".to_owned()],
                Input::Set(_) => vec!["set".to_owned()],
                Input::Cases(cases) => cases
                    .map(|item| item.map_or_else(|e| e.to_string(), |case| format!("{}:{}", case.id, case.line)))
                    .collect(),
            }
        };
        assert_eq!(read("\n{\"id\":\"a\",\"request\":{}}"), ["a:2"]);
        assert_eq!(
            read("[{\"id\":\"a\",\"request\":{}},\n\n7,{\"id\":\"b\",\"request\":{}}]"),
            ["a:1", "line 3: the case is not an object", "b:3"]
        );
        assert_eq!(read("{\"Statement\": []}"), ["policy"]);
        assert_eq!(read("{\"scp\": [], \"identity\": []}"), ["set"]);
        assert_eq!(read("{}"), ["line 1: the case lacks the member `id`"]);
        assert_eq!(read("[]"), ["no case at all"]);
        assert_eq!(read("{"), ["line 1: not JSON: EOF while parsing an object at line 1 column 1"]);
    }

    #[test]
    fn gzip_is_known_by_its_first_bytes_and_may_have_members() {
        let folder = std::env::temp_dir().join(format!("dictum-corpus-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("cases.jsonl");
        let mut file = File::create(&path).unwrap();
        for id in ["a", "b"] {
            let mut member = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            writeln!(member, "{{\"id\":\"{id}\",\"request\":{{}}}}").unwrap();
            file.write_all(&member.finish().unwrap()).unwrap();
        }
        drop(file);
        let mut run = Run::default();
        let Input::Cases(cases) = run.open(&path).unwrap() else { panic!("cases") };
        assert_eq!(cases.map(|case| case.unwrap().id).collect::<Vec<_>>(), ["a", "b"]);

        let entry = |file: &str| {
            format!(r#"{{"id":"{file}","request":{{}},"policies":{{"scp":[[{{"name":"n","file":"{file}"}}]]}}}}"#)
        };
        std::fs::create_dir_all(folder.join("inner")).unwrap();
        std::fs::write(folder.join("inner/p.json"), "{}").unwrap();
        std::fs::write(folder.join("outer.json"), "{}").unwrap();
        let text = ["p.json", "../inner/p.json", "../outer.json", "/etc/hosts.json", "q.json"].map(entry).join("\n");
        let mut run = Run::default();
        let got: Vec<_> = run
            .lines(text.as_bytes(), Some(&folder.join("inner")))
            .map(|item| item.map_or_else(|error| error.to_string(), |case| case.id))
            .collect();
        assert_eq!(&got[..2], ["p.json", "../inner/p.json"]);
        assert_eq!(got[2], "line 3: the file `../outer.json` leaves the folder of its case");
        assert!(got[4].contains("cannot be read"));

        for path in ["inner/o", "beside", "inner/none"] {
            std::fs::create_dir_all(folder.join(path)).unwrap();
        }
        for path in ["inner/o/dictum.toml", "beside/dictum.toml"] {
            std::fs::write(folder.join(path), "version = 1").unwrap();
        }
        let case = |path: &str| format!(r#"{{"id":"{path}","request":{{}},"organization":"{path}"}}"#);
        let text = ["o", "../beside", "../inner/o/", "../..", "none", "nowhere"].map(case).join("\n");
        let got: Vec<_> = run.lines(text.as_bytes(), Some(&folder.join("inner"))).collect();
        let organization = |at: usize| got[at].as_ref().unwrap().organization.as_ref().unwrap();
        assert!(Arc::ptr_eq(organization(0), organization(2)) && !Arc::ptr_eq(organization(0), organization(1)));
        let fault = |at: usize| got[at].as_ref().unwrap_err().to_string();
        let outside = "line 4: the organization `../..` lies neither in the folder of its case nor in one beside it";
        assert_eq!(fault(3), outside);
        assert_eq!(fault(4), "line 5: the folder `none` is no organization: it has no `dictum.toml`");
        assert!(fault(5).starts_with("line 6: the organization `nowhere` cannot be read: "));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
