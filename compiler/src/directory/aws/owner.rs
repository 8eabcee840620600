//! Whose an export is: the account that all its ARNs name.

use crate::diagnostic::{Code, Diagnostic, shown};
use crate::directory::arn;
use crate::directory::export::{Export, RULE};
use crate::directory::model::{Account, Directory, Named};

/// The account that an export is of, once an ARN has told.
#[derive(Default)]
pub(super) struct Owner {
    account: Option<(Named, String)>,
}

impl Owner {
    /// Whether an ARN is one of IAM, of this kind (`user`, `policy`) and of the account that those before it were of; tells
    /// if not.
    pub(super) fn has(&mut self, arn: &Named, kind: &str, export: &mut Export<'_>) -> bool {
        let parts = arn::parse(&arn.text).filter(|parts| {
            let is_kind = parts.resource.strip_prefix(kind).is_some_and(|rest| rest.starts_with('/'));
            parts.service == "iam" && is_kind && arn::is_account(parts.account)
        });
        let Some(parts) = parts else {
            let message = format!("`{}` is not the ARN of an IAM {kind}", shown(&arn.text));
            let diagnostic = Diagnostic::new(Code::D_VALUE, arn.span, RULE, message);
            export.tell(diagnostic.expected(format!("`arn:PARTITION:iam::ACCOUNT:{kind}/NAME`")));
            return false;
        };
        let Some((number, partition)) = &self.account else {
            let number = Named { text: parts.account.to_owned(), span: arn.span };
            self.account = Some((number, parts.partition.to_owned()));
            return true;
        };
        let is_same = number.text == parts.account && partition == parts.partition;
        if !is_same {
            let message = format!("an ARN of account `{}` in an export of account `{}`", parts.account, number.text);
            let diagnostic = Diagnostic::new(Code::D_EXPORT, arn.span, RULE, message);
            export.tell(diagnostic.related(number.span, "the first ARN"));
        }
        is_same
    }

    /// Puts the account into the directory. An export without ARNs is of nobody's account.
    pub(super) fn add_to(self, directory: &mut Directory, export: &mut Export<'_>) {
        let Some((number, partition)) = self.account else { return };
        let account = account(directory, &number, &partition);
        if account.partition != partition {
            let message = format!("account `{}` is in partition `{partition}` here", number.text);
            let diagnostic = Diagnostic::new(Code::D_EXPORT, number.span, RULE, message);
            export.tell(diagnostic.related(account.number.span, format!("and in `{}` here", account.partition)));
        }
    }
}

/// The account of a number, put into the directory if it is not there.
pub(super) fn account<'d>(directory: &'d mut Directory, number: &Named, partition: &str) -> &'d mut Account {
    let known = directory.accounts.iter().position(|account| account.number.text == number.text);
    let index = known.unwrap_or_else(|| {
        let (number, partition) = (number.clone(), partition.to_owned());
        directory.accounts.push(Account { number, partition, ..Account::default() });
        directory.accounts.len() - 1
    });
    &mut directory.accounts[index]
}
