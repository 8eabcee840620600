//! `dictum explain-code`: what a class of errors or lints is about.

use std::path::Path;

use clap::Args;
use dictum_compiler::diagnostic::near::nearest;

use crate::codes;
use crate::exit::{Exit, Failure, Fault};
use crate::output::Out;

const HELP: &str = "\
The page of a code says what it means and why, shows an example that is wrong with the message it gives, and one that is
right. The first letter is the family: E for policies, requests, cases and files, D for the entities of an organization, B for
bundles, L for lints.

Exit codes: 0 shown; 2 there is no such code.

Examples:
  dictum explain-code E-OPERATOR
  dictum explain-code --list";

/// Explain the code of an error or lint
#[derive(Args)]
#[command(after_help = HELP)]
pub struct ExplainCode {
    /// The code, as a message has it in brackets
    #[arg(value_name = "CODE", required_unless_present = "list")]
    code: Option<String>,
    /// List every code with its severity and what it is about
    #[arg(long, conflicts_with = "code")]
    list: bool,
}

pub fn run(command: &ExplainCode, out: &Out) -> Result<Exit, Failure> {
    let Some(code) = &command.code else {
        for entry in codes::all() {
            out.line(&format!("{:<22} {:<10} {}", entry.code, entry.severity.name(), entry.meaning))?;
        }
        return Ok(Exit::Well);
    };
    if let Some(entry) = codes::all().find(|entry| entry.code.eq_ignore_ascii_case(code)) {
        out.print(&entry.page())?;
        return Ok(Exit::Well);
    }
    let near = nearest(code, codes::all().map(|entry| entry.code));
    let help = near.map_or("`--list` names all".to_owned(), |near| format!("did you mean `{near}`?"));
    Err(Fault::new("E-CODE", Path::new(""), format!("there is no code `{}`; {help}", code.escape_debug())).into())
}
