//! Brace groups: `s3:{Get*, List*}` is `s3:Get*` and `s3:List*`.

use bumpalo::Bump;

use super::Files;
use crate::diagnostic::Code;
use crate::limits::{GROUP_EXPANSIONS_MAX, LIST_ENTRIES_MAX};
use crate::source::SourceId;
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
        let join = |parts: &[&str]| {
            let mut text =
                bumpalo::collections::String::with_capacity_in(parts.iter().map(|part| part.len()).sum(), arena);
            parts.iter().for_each(|part| text.push_str(part));
            text.into_bump_str()
        };
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
                if self.fits(group.members.len(), found.len(), bare) {
                    let texts = group.members.iter().map(|member| Text {
                        span: member.span,
                        text: join(&[bare.head.text, member.text, group.tail.text]),
                    });
                    found.extend(texts);
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
                if !self.fits(count, found.len(), bare) {
                    return;
                }
                for one in first.members {
                    for other in second.members {
                        let parts = [bare.head.text, one.text, first.tail.text, other.text, second.tail.text];
                        found.push(Text { span: bare.span, text: join(&parts) });
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

    /// LIM-1.
    fn fits(&mut self, more: usize, there: usize, bare: &Bare<'s>) -> bool {
        if there.saturating_add(more) <= LIST_ENTRIES_MAX {
            return true;
        }
        let fault = self.error(Code::E_LIMIT, bare.span, format!("a list of {} entries", there + more));
        fault.expected = Some(format!("at most {LIST_ENTRIES_MAX}"));
        false
    }
}
