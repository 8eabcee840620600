//! Brace groups: runs of neighbours with a common start, `s3:{Get*, List*}`, or a common start and end,
//! `arn:aws:iam::*:role/{A, B}/x`.
//!
//! Actions are grouped by their service, always. ARNs are grouped where that saves characters, cut at `:` and `/` so that a
//! group holds whole names; which runs save most is found by going back over the last few entries for each entry. The order
//! of entries stays, groups are not nested, none has one member, and no token has two.

use super::layout::{Word, kept};
use super::spelling::{is_bare, is_bare_rest, variable_length};

/// Entries that one group of ARNs may span. PERF: the search takes time by it.
const RUN_MAX: usize = 64;

/// One or several neighbours as they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    start: usize,
    end: usize,
    /// Bytes of the common start; without meaning in a run of one.
    prefix: usize,
    /// Bytes of the common end.
    suffix: usize,
}

impl Run {
    fn of_one(start: usize) -> Run {
        Run { start, end: start + 1, prefix: 0, suffix: 0 }
    }

    fn count(self) -> usize {
        self.end - self.start
    }
}

/// Entries as words, with their commas.
pub(super) struct Grouped {
    pub(super) words: Vec<Word>,
    /// Whether they are one brace group.
    pub(super) is_one: bool,
}

/// Actions as words; `spell` writes one that stands alone.
pub(super) fn actions<'t>(entries: &[&'t str], spell: impl Fn(&'t str) -> String) -> Grouped {
    let service = |entry: &str| match entry.find(':') {
        Some(colon) if is_bare(entry) && is_bare(&entry[colon + 1..]) => Some(colon + 1),
        _ => None,
    };
    let mut runs: Vec<Run> = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        match (runs.last_mut(), service(entry)) {
            (Some(run), Some(prefix)) if run.prefix > 0 && entries[run.start].starts_with(&entry[..prefix]) => {
                run.end = index + 1;
            }
            (_, prefix) => runs.push(Run { prefix: prefix.unwrap_or(0), ..Run::of_one(index) }),
        }
    }
    words(entries, &runs, spell)
}

/// ARNs as words; those that `is_groupable` may stand in a group.
pub(super) fn arns<'t>(
    entries: &[&'t str],
    is_groupable: impl Fn(&str) -> bool,
    spell: impl Fn(&'t str) -> String,
) -> Grouped {
    let cuts: Vec<Option<Vec<usize>>> = entries.iter().map(|entry| is_groupable(entry).then(|| cuts(entry))).collect();
    // `best[i]`: what groups save at most in the first `i` entries, and the run that ends there.
    let mut best: Vec<(usize, Run)> = vec![(0, Run::of_one(0))];
    for end in 1..=entries.len() {
        let mut found = (best[end - 1].0, Run::of_one(end - 1));
        let mut backward = Backward::new(entries, &cuts, end);
        while let Some((saved, run)) = backward.next() {
            let saved = best[run.start].0 + saved;
            if saved > found.0 {
                found = (saved, run);
            }
        }
        best.push(found);
    }
    let mut runs = Vec::new();
    let mut end = entries.len();
    while end > 0 {
        runs.push(best[end].1);
        end = best[end].1.start;
    }
    runs.reverse();
    words(entries, &runs, spell)
}

/// Where an ARN may be cut: before and behind each `:` and `/` of its last field, as offsets of that byte.
fn cuts(entry: &str) -> Vec<usize> {
    let bytes = entry.as_bytes();
    let (mut found, mut at, mut colons) = (Vec::new(), 0, 0);
    while let Some(&byte) = bytes.get(at) {
        if byte == b'$' {
            at += variable_length(&bytes[at..]).max(1);
            continue;
        }
        colons += usize::from(byte == b':');
        if matches!(byte, b':' | b'/') && colons >= COLONS_MIN {
            found.push(at);
        }
        at += 1;
    }
    found
}

/// Fields of an ARN that a group is not to split: those before the account stand in every member's way.
const COLONS_MIN: usize = 5;

/// Goes back from an entry, with what all entries on the way have in common.
struct Backward<'e, 't> {
    entries: &'e [&'t str],
    cuts: &'e [Option<Vec<usize>>],
    end: usize,
    start: usize,
    /// Bytes of the shortest entry.
    shortest: usize,
    /// Lengths of common starts behind which every entry can go on, ascending.
    prefixes: Vec<usize>,
    /// Lengths of common ends, descending.
    suffixes: Vec<usize>,
}

impl<'e, 't> Backward<'e, 't> {
    fn new(entries: &'e [&'t str], cuts: &'e [Option<Vec<usize>>], end: usize) -> Backward<'e, 't> {
        let (last, cuts_of_last) = (entries[end - 1], cuts[end - 1].as_deref());
        let prefixes = cuts_of_last.unwrap_or_default().iter().map(|cut| cut + 1);
        let suffixes = cuts_of_last.unwrap_or_default().iter().map(|cut| last.len() - cut);
        Backward {
            entries,
            cuts,
            end,
            start: if cuts_of_last.is_some() { end - 1 } else { 0 },
            shortest: last.len(),
            prefixes: prefixes.filter(|&prefix| can_go_on(last, prefix)).collect(),
            suffixes: suffixes.collect(),
        }
    }

    /// The next longer run that a group may be made of, and the characters that it saves; `None` where there is none.
    fn next(&mut self) -> Option<(usize, Run)> {
        let start = self.start.checked_sub(1).filter(|start| self.end - start <= RUN_MAX)?;
        self.cuts[start].as_ref()?;
        let (last, entry) = (self.entries[self.end - 1].as_bytes(), self.entries[start].as_bytes());
        let common = last.iter().zip(entry).take_while(|(a, b)| a == b).count();
        self.prefixes.retain(|&prefix| prefix <= common && can_go_on(self.entries[start], prefix));
        let common = last.iter().rev().zip(entry.iter().rev()).take_while(|(a, b)| a == b).count();
        self.suffixes.retain(|&suffix| suffix <= common);
        self.shortest = self.shortest.min(entry.len());
        self.start = start;
        // The longest start comes first; the end takes of what is left, and leaves each member something.
        let prefix = *self.prefixes.last()?;
        let suffix = self.suffixes.iter().copied().find(|suffix| prefix + suffix < self.shortest).unwrap_or(0);
        let run = Run { start, end: self.end, prefix, suffix };
        let saved = (run.count() - 1) * (prefix + suffix);
        Some((saved.saturating_sub("{}".len()), run))
    }
}

/// Whether a bare text has a member of a group from this byte on.
fn can_go_on(text: &str, at: usize) -> bool {
    text.as_bytes().get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'_' | b'$'))
}

fn words<'t>(entries: &[&'t str], runs: &[Run], spell: impl Fn(&'t str) -> String) -> Grouped {
    let mut words: Vec<Word> = Vec::with_capacity(entries.len());
    let mut is_one = false;
    for run in runs {
        let members = &entries[run.start..run.end];
        match members {
            [member] => words.push(Word::from(spell(member))),
            _ => {
                words.extend(kept(group(members, *run)));
                is_one = runs.len() == 1;
            }
        }
        if let Some(last) = words.last_mut().filter(|_| run.end < entries.len()) {
            last.text.push(',');
        }
    }
    Grouped { words, is_one }
}

fn group(members: &[&str], run: Run) -> Vec<Word> {
    let suffix = &members[0][members[0].len() - run.suffix..];
    debug_assert!(is_bare_rest(suffix));
    let word = |(index, member): (usize, &&str)| {
        let open = if index == 0 { format!("{}{{", &member[..run.prefix]) } else { String::new() };
        let close = if index + 1 == members.len() { format!("}}{suffix}") } else { ",".to_owned() };
        Word::from(format!("{open}{}{close}", &member[run.prefix..member.len() - run.suffix]))
    };
    members.iter().enumerate().map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::spelling;

    fn joined(grouped: Grouped) -> String {
        let words: Vec<String> = grouped.words.into_iter().map(|word| word.text).collect();
        words.join(" ")
    }

    #[test]
    fn actions_are_grouped_by_service() {
        let of = |entries: &[&str]| joined(actions(entries, spelling::action));
        assert_eq!(of(&["s3:Get*", "s3:List*", "sts:X", "s3:Y"]), "s3:{Get*, List*}, sts:X, s3:Y");
        assert_eq!(of(&["*", "s3:Get*", "S3:List*"]), "*, s3:Get*, S3:List*");
        assert_eq!(of(&["s3:?et", "s3:Get*", "s3:a b", "s3:*", "s3:**"]), "s3:?et, s3:Get*, \"s3:a b\", s3:{*, **}");
    }

    fn arn_list(entries: &[&str]) -> String {
        joined(arns(entries, spelling::is_bare_arn, spelling::resource))
    }

    #[test]
    fn arns_are_grouped_where_it_saves() {
        for (entries, expected) in [
            (&["arn:aws:s3:::a", "arn:aws:s3:::a/*"][..], "arn:aws:s3:::{a, a/*}"),
            (&["arn:aws:iam::*:role/Role1X", "arn:aws:iam::*:role/Role2X"], "arn:aws:iam::*:role/{Role1X, Role2X}"),
            (&["arn:aws:iam::1:role/a/x", "arn:aws:iam::1:role/b/x"], "arn:aws:iam::1:role/{a, b}/x"),
            (&["arn:aws:iam::1:role/a", "arn:aws:iam::2:role/a"], "arn:aws:iam::1:role/a, arn:aws:iam::2:role/a"),
            (&["arn:aws:s3:::${a:b}", "arn:aws:s3:::${a:c}"], "arn:aws:s3:::{${a:b}, ${a:c}}"),
            (&["arn:aws:s3:::a b", "arn:aws:s3:::a/b"], "\"arn:aws:s3:::a b\", arn:aws:s3:::a/b"),
            (&["arn:aws:s3:::a/", "arn:aws:s3:::a//"], "arn:aws:s3:::{a, a/}/"),
            (&["arn:aws:s3:::a", "arn:aws:s3:::a"], "arn:aws:s3:::{a, a}"),
            (&["*", "*"], "*, *"),
            (
                &["arn:aws:ec2:*:*:instance/*", "arn:aws:ec2:*:*:volume/*", "arn:aws:s3:::a", "arn:aws:s3:::b"],
                "arn:aws:ec2:*:*:{instance, volume}/*, arn:aws:s3:::{a, b}",
            ),
        ] {
            assert_eq!(arn_list(entries), expected);
        }
    }
}
