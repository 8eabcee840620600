//! One completion, before it is known how it is put in.

use lsp_types::{
    Command, CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, InsertTextFormat, MarkupContent,
    MarkupKind, Range, TextEdit,
};

/// Something that may be put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What the list shows.
    pub label: String,
    /// What is put in; of a snippet with its places to fill in.
    pub text: String,
    /// Whether `text` is a snippet.
    pub is_snippet: bool,
    /// Its icon.
    pub kind: CompletionItemKind,
    /// A word beside it.
    pub detail: String,
    /// What it means, as Markdown.
    pub meaning: String,
    /// Items of a lower rank come first.
    pub rank: u8,
    /// What follows it where nothing does yet, as a snippet: the value of a member.
    pub then: String,
    /// Whether the next completions are asked for at once.
    pub goes_on: bool,
}

impl Item {
    /// A text that is put in as it is.
    pub fn plain(kind: CompletionItemKind, text: impl Into<String>, detail: impl Into<String>) -> Item {
        let text = text.into();
        let (meaning, then) = (String::new(), String::new());
        let label = text.clone();
        Item { label, text, is_snippet: false, kind, detail: detail.into(), meaning, rank: 5, then, goes_on: false }
    }

    /// A text with places to fill in.
    pub fn snippet(label: impl Into<String>, text: impl Into<String>, detail: impl Into<String>) -> Item {
        let item = Item::plain(CompletionItemKind::SNIPPET, text, detail);
        Item { label: label.into(), is_snippet: true, ..item }
    }

    /// With another rank.
    pub fn rank(self, rank: u8) -> Item {
        Item { rank, ..self }
    }

    /// With its meaning.
    pub fn meaning(self, meaning: impl Into<String>) -> Item {
        Item { meaning: meaning.into(), ..self }
    }
}

/// Where items are put in, and how.
#[derive(Clone, Debug)]
pub struct Slot {
    /// What is replaced.
    pub range: Range,
    /// Whether the text stands in quotes of JSON, which are replaced with it.
    pub is_json: bool,
    /// Whether what is there begins with a quote, which the client compares too.
    pub is_quoted: bool,
    /// Whether an item's `then` follows.
    pub goes_on: bool,
    /// Whether the client fills in places.
    pub takes_snippets: bool,
}

impl Slot {
    /// An item as the protocol has it.
    pub fn fill(&self, item: Item) -> CompletionItem {
        let quoted = |text: &str| if self.is_json { format!("\"{text}\"") } else { text.to_owned() };
        let then = if self.goes_on { item.then.as_str() } else { "" };
        let is_snippet = self.takes_snippets && (item.is_snippet || !then.is_empty());
        let text = match item.is_snippet {
            true => item.text.clone(),
            false => escaped(&item.text),
        };
        let whole = format!("{}{then}", quoted(&text));
        let new_text = if is_snippet { whole } else { filled(&whole) };
        // A format is compared as the ARN that it becomes.
        let shown = if item.label.starts_with("arn:${") { filled(&item.text) } else { item.label.clone() };
        let filter = if self.is_json && self.is_quoted { format!("\"{shown}\"") } else { shown };
        let meaning = MarkupContent { kind: MarkupKind::Markdown, value: item.meaning };
        CompletionItem {
            kind: Some(item.kind),
            detail: Some(item.detail).filter(|detail| !detail.is_empty()),
            documentation: Some(meaning).filter(|it| !it.value.is_empty()).map(Documentation::MarkupContent),
            sort_text: Some(format!("{}{}", item.rank, item.label)),
            filter_text: Some(filter).filter(|filter| *filter != item.label),
            insert_text_format: is_snippet.then_some(InsertTextFormat::SNIPPET),
            text_edit: Some(CompletionTextEdit::Edit(TextEdit { range: self.range, new_text })),
            command: item.goes_on.then(|| Command::new("suggest".into(), "editor.action.triggerSuggest".into(), None)),
            label: item.label,
            ..CompletionItem::default()
        }
    }
}

/// A plain text as part of a snippet.
pub fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('$', "\\$").replace('}', "\\}")
}

/// A snippet as the text that it is when its places are left as they are.
pub fn filled(snippet: &str) -> String {
    let mut out = String::new();
    let mut rest = snippet.chars().peekable();
    let mut depth = 0;
    while let Some(c) = rest.next() {
        match c {
            '\\' => out.extend(rest.next()),
            '$' if rest.peek() == Some(&'{') => {
                rest.next();
                let number = |c: &char| c.is_ascii_digit() || *c == ':';
                while rest.next_if(number).is_some() {}
                match rest.next_if_eq(&'|') {
                    None => depth += 1,
                    Some(_) => {
                        // Of several choices the first.
                        let choices: String = rest.by_ref().take_while(|&c| c != '}').collect();
                        out.push_str(choices.trim_end_matches('|').split(',').next().unwrap_or_default());
                    }
                }
            }
            '$' => while rest.next_if(char::is_ascii_digit).is_some() {},
            '}' if depth > 0 => depth -= 1,
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippets_without_places_are_texts() {
        for (snippet, text) in [
            ("${1|Allow,Deny|} $2", "Allow "),
            ("arn:${1:aws}:s3:::${2:Bucket}/*", "arn:aws:s3:::Bucket/*"),
            ("{\"$1\": {}}", "{\"\": {}}"),
            ("\\${aws:username\\}", "${aws:username}"),
        ] {
            assert_eq!(filled(snippet), text);
        }
        assert_eq!(filled(&escaped("a\\b${c}")), "a\\b${c}");
    }
}
