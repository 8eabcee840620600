//! The vendor's full-access guardrails, which an organization has without anybody writing them down (DIR-8).

use super::model::{Directory, DocumentId, Guardrail, Named};
use crate::source::{Document, PolicyType, SourceId, Sources, Span};

const SCP: &str = "FullAWSAccess";
const RCP: &str = "RCPFullAWSAccess";

const SCP_TEXT: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const RCP_TEXT: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// Adds the two policies where the organization has none of the name, and where rcps are enabled the one of them to every
/// node and account that has it not. The service attaches it so, and lets nobody detach it.
pub fn add_full_access(sources: &mut Sources, directory: &mut Directory) {
    let Some(organization) = &mut directory.organization else { return };
    for (name, text, policy_type) in [(SCP, SCP_TEXT, PolicyType::Scp), (RCP, RCP_TEXT, PolicyType::Rcp)] {
        if organization.guardrails.iter().any(|guardrail| guardrail.name.text == name) {
            continue;
        }
        let source = sources.add_file(format!("<{name}>"), text);
        let range = sources.whole(source);
        directory.documents.push(Document { name: name.to_owned(), policy_type, source, range });
        let document = DocumentId(directory.documents.len() as u32 - 1);
        let named = |text: String| Named { text, span: start_of(source) };
        let id = Some(named(format!("p-{name}")));
        organization.guardrails.push(Guardrail { name: named(name.to_owned()), id, document });
    }
    if organization.has_rcps {
        let nodes = organization.nodes.iter_mut().map(|node| (&mut node.rcps, node.id.span));
        let members = directory.accounts.iter_mut().filter(|account| account.parent.is_some());
        let accounts = members.map(|account| (&mut account.rcps, account.number.span));
        for (rcps, span) in nodes.chain(accounts) {
            if !rcps.iter().any(|known| known.text == RCP || known.text.strip_prefix("p-") == Some(RCP)) {
                rcps.push(Named { text: RCP.to_owned(), span });
            }
        }
    }
}

fn start_of(source: SourceId) -> Span {
    Span { source, start: 0, end: 0 }
}
