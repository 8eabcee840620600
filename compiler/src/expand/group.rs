//! Brace groups: `s3:{Get*, List*}` is `s3:Get*` and `s3:List*`.

use bumpalo::Bump;

use super::Files;
use crate::diagnostic::Code;
use crate::limits::{GROUP_BYTES_MAX, GROUP_EXPANSIONS_MAX, TEXT_BYTES_MAX};
use crate::source::{SourceId, Span};
use crate::syntax::ast::Text;
use crate::syntax::dsl::tree::Bare;

/// Groups in one token.
const GROUPS_MAX: usize = 2;

impl<'s> Files<'s> {
    /// The texts of a bare entry, in order. A text stands where its member does; in a token of two groups, where the token
    /// does.
    pub(super) fn texts<'a>(&mut self, source: SourceId, bare: &Bare<'s>, arena: &'a Bump, found: &mut Vec<Text<'a>>)
    where
        's: 'a,
    {
        for group in bare.groups {
            if let [member] = group.members {
                let help = "quote the text if the brace is literal; else write it without the group";
                let fault =
                    self.error(Code::E_SYNTAX, group.span, format!("a brace group of one member, `{}`", member.text));
                fault.help = Some(help.to_owned());
            }
        }
        match bare.groups {
            [] => found.push(bare.head),
            [group] => {
                for member in group.members {
                    let parts = [bare.head.text, member.text, group.tail.text];
                    // One that is too long or too much tells of the rest as well.
                    let Some(text) = self.join(source, &parts, member.span, arena) else { return };
                    found.push(text);
                }
            }
            [first, second] => {
                let count = first.members.len().saturating_mul(second.members.len());
                let left = self.scopes.get(&source).map_or(0, |scope| scope.expansions_left);
                if count > left {
                    let message = format!("brace groups that make {count} texts of this one");
                    let fault = self.error(Code::E_LIMIT, bare.span, message);
                    fault.expected = Some(format!("at most {GROUP_EXPANSIONS_MAX} in a file"));
                    return;
                }
                if let Some(scope) = self.scopes.get_mut(&source) {
                    scope.expansions_left -= count;
                }
                for one in first.members {
                    for other in second.members {
                        let parts = [bare.head.text, one.text, first.tail.text, other.text, second.tail.text];
                        let Some(text) = self.join(source, &parts, bare.span, arena) else { return };
                        found.push(text);
                    }
                }
            }
            more => {
                let fault = self.error(Code::E_SYNTAX, bare.span, format!("{} brace groups in one text", more.len()));
                fault.expected = Some(format!("at most {GROUPS_MAX}"));
                fault.help = Some("write several entries".to_owned());
            }
        }
    }

    /// The text of its parts, if it is not too long (LIM-1), and if the groups of the file have not made too much text.
    fn join<'a>(&mut self, source: SourceId, parts: &[&str], span: Span, arena: &'a Bump) -> Option<Text<'a>> {
        let length = parts.iter().map(|part| part.len()).sum();
        let left = self.scopes.get(&source).map_or(0, |scope| scope.group_bytes_left);
        let (message, limit) = match () {
            () if length > TEXT_BYTES_MAX => (format!("a text of {length} bytes"), TEXT_BYTES_MAX),
            () if length > left => ("brace groups that make more text than a file may".to_owned(), GROUP_BYTES_MAX),
            () => {
                if let Some(scope) = self.scopes.get_mut(&source) {
                    scope.group_bytes_left -= length;
                }
                let mut text = bumpalo::collections::String::with_capacity_in(length, arena);
                parts.iter().for_each(|part| text.push_str(part));
                return Some(Text { span, text: text.into_bump_str() });
            }
        };
        let fault = self.error(Code::E_LIMIT, span, message);
        fault.rule = "LIM-1";
        fault.expected = Some(format!("at most {limit} bytes"));
        None
    }
}
