//! What stands behind `from`.

use bumpalo::Bump;

use super::Files;
use super::meaning::{Form, Meaning, Position, PrincipalPart, is_name};
use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, shown};
use crate::source::{SourceId, Span};
use crate::syntax::ast::{List, PRINCIPAL_KINDS, Principals as AstPrincipals, Text};
use crate::syntax::dsl::tree::{Entries, Entry, PrincipalTerm, Principals};

impl<'s> Files<'s> {
    /// The calls among terms, names replaced; `*` is reported.
    pub(super) fn principal_parts<'a>(
        &mut self,
        source: SourceId,
        terms: &[PrincipalTerm<'s>],
        depth: usize,
        arena: &'a Bump,
    ) -> Vec<PrincipalPart<'a>>
    where
        's: 'a,
    {
        let mut parts = Vec::new();
        for term in terms {
            match term {
                PrincipalTerm::Call { kind, span, entries } => {
                    parts.extend(self.call(source, kind, *span, entries, arena));
                }
                PrincipalTerm::Entry(entry) => self.no_principal(entry),
                PrincipalTerm::Word(word) if word.text == "*" => {
                    let fault = self.error(Code::E_PRINCIPAL, word.span, "`*` beside other principals");
                    fault.help = Some("`*` is everybody; write it alone, or `aws(*)`".to_owned());
                }
                PrincipalTerm::Word(word) if !is_name(word.text) || word.text.ends_with(".amazonaws.com") => {
                    let text = shown(word.text);
                    let kind = match word.text {
                        text if text.ends_with(".amazonaws.com") => Some("service"),
                        text if text.contains(":saml-provider/") || text.contains(":oidc-provider/") => {
                            Some("federated")
                        }
                        text if text.starts_with("arn:") => Some("aws"),
                        text if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) => Some("aws"),
                        _ => None,
                    };
                    let prefixed = word.text.split_once(':').filter(|(kind, _)| {
                        PRINCIPAL_KINDS.iter().any(|(word, member)| word == kind || member == kind)
                    });
                    let fault = self.error(Code::E_PRINCIPAL, word.span, format!("`{text}` without its kind"));
                    fault.expected = Some(Position::Principal.expected().to_owned());
                    fault.help = match (prefixed, kind) {
                        (Some((kind, rest)), _) => {
                            Some(format!("write `{}({})`", kind.to_ascii_lowercase(), shown(rest)))
                        }
                        (None, kind) => kind.map(|kind| format!("write `{kind}({text})`")),
                    };
                }
                PrincipalTerm::Word(word) => match self.meaning(source, word, Position::Principal, depth) {
                    Meaning::Principals(more) => parts.extend(more),
                    Meaning::Entries(_) => {
                        self.wrong_kind(word, "a `let` of other things than principals", Position::Principal);
                        let help = "principals stand in their kind in the `let` too, as in `aws(111122223333)`";
                        if let Some(fault) = self.diagnostics.last_mut() {
                            fault.help = Some(help.to_owned());
                        }
                    }
                    Meaning::Clauses(_) => self.wrong_kind(word, "a `cond`", Position::Principal),
                    Meaning::Broken => {}
                },
            }
        }
        parts
    }

    /// An entry of a let of principals that is no name: taken for one it would lose what makes it another text.
    fn no_principal(&mut self, entry: &Entry<'s>) {
        let (what, name) = match entry {
            Entry::Bare(bare) => ("a brace group", bare.head),
            Entry::Quoted(text) => ("a string", *text),
            Entry::Typed(_, text) | Entry::Json(text) => ("a typed value", *text),
        };
        let fault = self.error(Code::E_PRINCIPAL, entry.span(), format!("{what} among principals"));
        fault.expected = Some(Position::Principal.expected().to_owned());
        fault.help = Some(match is_name(name.text) {
            true => format!("the name of a `let` stands as it is: `{}`", shown(name.text)),
            false => "principals stand in their kind, as in `aws(111122223333)`".to_owned(),
        });
    }

    fn call<'a>(
        &mut self,
        source: SourceId,
        kind: &Text<'s>,
        span: Span,
        entries: &Entries<'s>,
        arena: &'a Bump,
    ) -> Option<PrincipalPart<'a>>
    where
        's: 'a,
    {
        let Some((_, member)) = PRINCIPAL_KINDS.iter().find(|(word, _)| *word == kind.text) else {
            let near = nearest(kind.text, PRINCIPAL_KINDS.iter().map(|(word, _)| *word));
            let fault =
                self.error(Code::E_PRINCIPAL, kind.span, format!("unknown kind of principal `{}`", shown(kind.text)));
            fault.expected = Some("`aws(…)`, `service(…)`, `federated(…)` or `canonical(…)`".to_owned());
            fault.help = near.map(|near| format!("did you mean `{near}`?"));
            return None;
        };
        let mut literals = Vec::new();
        for entry in entries.list {
            self.literal(source, entry, arena, &mut literals);
        }
        if let Some(odd) = literals.iter().find(|literal| matches!(literal.form, Form::Typed(_) | Form::Json)) {
            let fault = self.error(Code::E_PRINCIPAL, odd.text.span, "a typed value among principals");
            fault.help = Some("write the principal bare or in plain quotes".to_owned());
        }
        let is_array = entries.is_array || literals.len() != 1;
        let texts = arena.alloc_slice_fill_iter(literals.iter().map(|literal| literal.text));
        Some(PrincipalPart { member, kind: *kind, span, is_array, texts })
    }

    /// The value of Principal or NotPrincipal; `None` where an error of it is told already.
    pub(super) fn principals<'a>(
        &mut self,
        source: SourceId,
        principals: &Principals<'s>,
        arena: &'a Bump,
    ) -> Option<AstPrincipals<'a>>
    where
        's: 'a,
    {
        let count = self.diagnostics.len();
        if let Some((all, _)) = principals.except.filter(|(all, _)| all.text != "*") {
            self.not_all(&all);
        }
        if let [PrincipalTerm::Word(word)] = principals.terms
            && word.text == "*"
        {
            return Some(AstPrincipals::Text(*word));
        }
        let parts = self.principal_parts(source, principals.terms, 0, arena);
        let mut members: Vec<(&PrincipalPart<'a>, bool, Vec<Text<'a>>)> = Vec::new();
        for part in &parts {
            match members.iter_mut().find(|(first, ..)| first.member == part.member) {
                None => members.push((part, part.is_array, part.texts.to_vec())),
                Some((_, is_array, texts)) => {
                    *is_array = true;
                    texts.extend(part.texts);
                }
            }
        }
        let members = members.iter().map(|(first, is_array, texts)| {
            let list = List { span: first.span, is_array: *is_array, entries: arena.alloc_slice_copy(texts) };
            (Text { text: first.member, ..first.kind }, Some(list))
        });
        let members: Vec<_> = members.collect();
        let first = parts.first().map_or(Span::default(), |part| part.span);
        let span = Span { end: parts.last().map_or(first.end, |part| part.span.end.max(first.end)), ..first };
        for (_, list) in &members {
            self.check_entries(list.map_or(0, |list| list.entries.len()), span);
        }
        let map = AstPrincipals::Map { span, members: arena.alloc_slice_copy(&members) };
        Some(map).filter(|_| self.diagnostics.len() == count)
    }

    /// Something other than `*` before `except`.
    pub(super) fn not_all(&mut self, all: &Text<'_>) {
        let fault = self.error(Code::E_SYNTAX, all.span, format!("`{}` before `except`", shown(all.text)));
        fault.expected = Some("`*`".to_owned());
        fault.help = Some("`except` lists what is left out of everything; IAM has no other difference".to_owned());
    }
}
