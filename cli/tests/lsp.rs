//! Conversations with the language server, through the real binary.

mod common;

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use common::Folder;
use serde_json::{Value, json};

/// Far beyond what any answer takes, on any machine: only a server that hangs gets there.
const PATIENCE: Duration = Duration::from_secs(120);

/// An editor.
struct Editor {
    folder: Folder,
    server: Child,
    stdin: Option<ChildStdin>,
    messages: Receiver<Value>,
    /// Notifications that nobody has asked for yet.
    notifications: VecDeque<Value>,
    requests: i64,
}

impl Editor {
    /// Starts a server in a folder with these files, and says nothing yet.
    fn new(files: &[(&str, &str)]) -> Editor {
        let folder = Folder::new();
        for (name, text) in files {
            folder.write(name, text);
        }
        let mut server = folder.spawn(&["lsp", "--stdio"]);
        let mut stdout = BufReader::new(server.stdout.take().unwrap());
        let (sender, messages) = channel();
        thread::spawn(move || {
            while let Some(message) = receive(&mut stdout) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let stdin = server.stdin.take();
        Editor { folder, server, stdin, messages, notifications: VecDeque::new(), requests: 0 }
    }

    /// Starts a server and opens the conversation as a modern client does.
    fn open(files: &[(&str, &str)]) -> Editor {
        let mut editor = Editor::new(files);
        let folder = editor.uri("");
        let answer = editor.ask(
            "initialize",
            json!({
                "processId": null,
                "rootUri": folder,
                "workspaceFolders": [{"uri": folder, "name": "work"}],
                "initializationOptions": {"lint": false},
                "capabilities": {
                    "general": {"positionEncodings": ["utf-8", "utf-16"]},
                    "workspace": {"workspaceEdit": {"documentChanges": true, "resourceOperations": ["create"]}},
                    "textDocument": {"completion": {"completionItem": {"snippetSupport": true}}}
                }
            }),
        );
        assert_eq!(answer["capabilities"]["positionEncoding"], "utf-8");
        editor.tell("initialized", json!({}));
        editor
    }

    fn uri(&self, name: &str) -> String {
        format!("file://{}/{name}", self.folder.path().display()).trim_end_matches('/').to_owned()
    }

    fn send(&mut self, message: &Value) {
        self.send_bytes(message.to_string().as_bytes());
    }

    fn send_bytes(&mut self, payload: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        write!(stdin, "Content-Length: {}\r\n\r\n", payload.len()).unwrap();
        stdin.write_all(payload).and_then(|()| stdin.flush()).unwrap();
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// The result of a request.
    fn ask(&mut self, method: &str, params: Value) -> Value {
        let answer = self.ask_whole(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// The number of the error that a request gets.
    fn refused(&mut self, method: &str, params: Value) -> Option<i64> {
        self.ask_whole(method, params)["error"]["code"].as_i64()
    }

    fn ask_whole(&mut self, method: &str, params: Value) -> Value {
        self.requests += 1;
        let id = self.requests;
        let mut message = json!({"jsonrpc": "2.0", "id": id, "method": method});
        if !params.is_null() {
            message["params"] = params;
        }
        self.send(&message);
        self.answer(id)
    }

    /// Waits for the answer to a request; what comes before it is kept.
    fn answer(&mut self, id: i64) -> Value {
        loop {
            let message = self.message(&format!("the answer to request {id}"));
            match message.get("id") {
                Some(answered) if *answered == id => return message,
                _ => self.notifications.push_back(message),
            }
        }
    }

    fn message(&mut self, what: &str) -> Value {
        self.messages.recv_timeout(PATIENCE).unwrap_or_else(|fault| panic!("no {what}: {fault}"))
    }

    /// Opens a document of the folder, with the text that it has there.
    fn open_file(&mut self, name: &str) {
        let text = String::from_utf8(self.folder.read(name)).unwrap();
        let language = if name.ends_with(".dct") { "dictum" } else { "json" };
        let uri = self.uri(name);
        let document = json!({"uri": uri, "languageId": language, "version": 1, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
    }

    /// Changes a range of a document, or all of it.
    fn change(&mut self, name: &str, version: i64, range: Option<[u32; 4]>, text: &str) {
        let mut change = json!({"text": text});
        if let Some([line, column, end_line, end_column]) = range {
            change["range"] = json!({
                "start": {"line": line, "character": column},
                "end": {"line": end_line, "character": end_column}
            });
        }
        let document = json!({"uri": self.uri(name), "version": version});
        self.tell("textDocument/didChange", json!({"textDocument": document, "contentChanges": [change]}));
    }

    /// The result of a request about a place of a document, lines and columns from 0.
    fn ask_at(&mut self, method: &str, name: &str, line: u32, column: u32) -> Value {
        let document = json!({"uri": self.uri(name)});
        self.ask(method, json!({"textDocument": document, "position": {"line": line, "character": column}}))
    }

    /// The diagnostics of a version of a document.
    fn diagnostics(&mut self, name: &str, version: Option<i64>) -> Vec<Value> {
        let uri = self.uri(name);
        let fits = |message: &Value| {
            let params = &message["params"];
            let is_version = version.is_none_or(|version| params["version"] == version);
            message["method"] == "textDocument/publishDiagnostics" && params["uri"] == uri && is_version
        };
        let kept = self.notifications.iter().position(fits).and_then(|at| self.notifications.remove(at));
        let found = kept.unwrap_or_else(|| {
            loop {
                let message = self.message(&format!("diagnostics of {name}"));
                if fits(&message) {
                    return message;
                }
                self.notifications.push_back(message);
            }
        });
        found["params"]["diagnostics"].as_array().unwrap().clone()
    }

    /// The diagnostics as lines of text.
    fn problems(&mut self, name: &str, version: Option<i64>) -> String {
        let line = |found: &Value| {
            let start = &found["range"]["start"];
            let message = found["message"].as_str().unwrap().replace('\n', "; ");
            let (line, column) = (start["line"].as_u64().unwrap() + 1, start["character"].as_u64().unwrap() + 1);
            format!("{line}:{column} {} {message}", found["code"].as_str().unwrap())
        };
        self.diagnostics(name, version).iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Waits for the end of the server, and gives its exit code.
    fn end(mut self) -> Option<i32> {
        self.stdin = None;
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(status) = self.server.try_wait().unwrap() {
                return status.code();
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("the server does not end");
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn receive(input: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            header => {
                let number = header.strip_prefix("Content-Length: ");
                length = number.map_or(length, |number| number.parse().unwrap());
            }
        }
    }
    let mut payload = vec![0; length];
    input.read_exact(&mut payload).ok()?;
    serde_json::from_slice(&payload).ok()
}

const POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "ReadTeam",
      "Effect": "Alow",
      "Action": ["connect:DescribeUser", "connect:UpdateUser*"],
      "Resource": "arn:aws:connect:us-east-1:123456789012:instance/*/agent/*"
    }
  ]
}
"#;

#[test]
fn a_policy_is_mended_while_it_is_typed() {
    let mut editor = Editor::open(&[("policy.json", POLICY)]);
    editor.open_file("policy.json");
    let problems = editor.problems("policy.json", Some(1));
    assert_eq!(
        problems,
        "6:17 E-EFFECT unknown effect `Alow`; expected `Allow` or `Deny`; help: did you mean `Allow`?"
    );
    editor.change("policy.json", 2, Some([5, 17, 5, 21]), "Allow");
    assert_eq!(editor.problems("policy.json", Some(2)), "");
    editor.ask("shutdown", Value::Null);
    editor.tell("exit", Value::Null);
    assert_eq!(editor.end(), Some(0));
}

#[test]
fn the_linter_is_heard_unless_it_is_switched_off() {
    let text = POLICY.replace("Alow", "Allow").replace(
        "\"Resource\"",
        "\"Condition\": {\"ForAllValues:StringEquals\": {\"aws:TagKeys\": \"a\"}}, \"Resource\"",
    );
    let configuration = "[levels]\nL-FORALLVALUES = \"off\"\n";
    let mut heard = Editor::new(&[("policy.json", &text)]);
    heard.ask("initialize", json!({"capabilities": {}}));
    heard.tell("initialized", json!({}));
    heard.open_file("policy.json");
    assert!(heard.problems("policy.json", Some(1)).contains("L-FORALLVALUES"));
    // The configuration beside a file holds in the editor too.
    heard.folder.write("dictum-lint.toml", configuration);
    heard.tell("workspace/didChangeWatchedFiles", json!({"changes": []}));
    assert!(!heard.problems("policy.json", Some(1)).contains("L-FORALLVALUES"));
}

#[test]
fn hover_completion_and_fixes_come_from_one_document() {
    let mut editor = Editor::open(&[("policy.json", POLICY)]);
    editor.open_file("policy.json");
    let hover = editor.ask_at("textDocument/hover", "policy.json", 6, 20);
    assert!(hover["contents"]["value"].as_str().unwrap().contains("`connect:DescribeUser`"), "{hover}");
    editor.change("policy.json", 2, Some([6, 17, 6, 60]), "\"s3:GetO");
    let list = editor.ask_at("textDocument/completion", "policy.json", 6, 25);
    let labels: Vec<&str> = list["items"].as_array().unwrap().iter().filter_map(|it| it["label"].as_str()).collect();
    assert!(labels.contains(&"s3:GetObject"), "{labels:?}");
    let item = list["items"].as_array().unwrap().iter().find(|item| item["label"] == "s3:GetObject").unwrap().clone();
    let told = editor.ask("completionItem/resolve", item);
    assert!(told["documentation"]["value"].as_str().unwrap().contains("Resource types"), "{told}");

    editor.change("policy.json", 3, None, POLICY);
    let uri = editor.uri("policy.json");
    let place = json!({"line": 5, "character": 19});
    let params = json!({
        "textDocument": {"uri": uri},
        "range": {"start": place, "end": place},
        "context": {"diagnostics": []}
    });
    let actions = editor.ask("textDocument/codeAction", params);
    let fix = &actions[0];
    assert_eq!((fix["kind"].as_str(), fix["title"].as_str()), (Some("quickfix"), Some("Change to `Allow`")));
    let edit = &fix["edit"]["changes"][&uri][0];
    assert_eq!((&edit["range"]["start"]["character"], &edit["newText"]), (&json!(17), &json!("Allow")));
}

#[test]
fn a_policy_becomes_a_file_of_the_other_notation() {
    let good = POLICY.replace("Alow", "Allow");
    let mut editor = Editor::open(&[("policy.json", &good)]);
    editor.open_file("policy.json");
    let uri = editor.uri("policy.json");
    let start = json!({"line": 0, "character": 0});
    let params = json!({
        "textDocument": {"uri": uri},
        "range": {"start": start, "end": start},
        "context": {"diagnostics": [], "only": ["refactor"]}
    });
    let actions = editor.ask("textDocument/codeAction", params.clone());
    assert_eq!(actions[0]["title"], "Convert to the Dictum language as policy.dct");
    let changes = &actions[0]["edit"]["documentChanges"];
    assert_eq!((&changes[0]["kind"], &changes[0]["uri"]), (&json!("create"), &json!(editor.uri("policy.dct"))));
    let text = changes[1]["edits"][0]["newText"].as_str().unwrap();
    assert!(text.starts_with("@ReadTeam allow connect:{DescribeUser, UpdateUser*}"), "{text}");
    // A file that is there already is not written over.
    editor.folder.write("policy.dct", "# mine");
    assert_eq!(editor.ask("textDocument/codeAction", params), json!([]));
}

#[test]
fn columns_count_what_was_agreed_on() {
    let text = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "é😀", "Effect": "Alow"}]}"#;
    let column = |offset: usize, units: fn(&str) -> usize| units(&text[..offset]) as u64;
    let offset = text.find("\"Alow\"").unwrap();
    let mut editor = Editor::open(&[("policy.json", text)]);
    editor.open_file("policy.json");
    let start = |found: Vec<Value>| {
        let effect = found.into_iter().find(|found| found["code"] == "E-EFFECT").unwrap();
        effect["range"]["start"]["character"].as_u64().unwrap()
    };
    assert_eq!(start(editor.diagnostics("policy.json", Some(1))), column(offset, str::len));
    let mut old = Editor::new(&[("policy.json", text)]);
    old.ask("initialize", json!({"capabilities": {}}));
    old.tell("initialized", json!({}));
    old.open_file("policy.json");
    let utf16 = column(offset, |text| text.encode_utf16().count());
    assert_eq!(start(old.diagnostics("policy.json", Some(1))), utf16);
}

#[test]
fn other_json_gets_no_diagnostics() {
    let mut editor = Editor::open(&[("package.json", r#"{"name": "x", "version": "1", }"#)]);
    editor.open_file("package.json");
    assert_eq!(editor.problems("package.json", Some(1)), "");
}

#[test]
fn a_closed_document_has_no_diagnostics_any_more() {
    let mut editor = Editor::open(&[("policy.json", POLICY)]);
    editor.open_file("policy.json");
    assert_ne!(editor.problems("policy.json", Some(1)), "");
    let uri = editor.uri("policy.json");
    editor.tell("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    assert_eq!(editor.problems("policy.json", None), "");
}

#[test]
fn the_protocol_is_kept() {
    const METHOD_NOT_FOUND: Option<i64> = Some(-32601);
    const INVALID_PARAMS: Option<i64> = Some(-32602);
    const INVALID_REQUEST: Option<i64> = Some(-32600);
    const NOT_INITIALIZED: Option<i64> = Some(-32002);
    let mut editor = Editor::new(&[]);
    assert_eq!(editor.refused("textDocument/hover", json!({})), NOT_INITIALIZED);
    let answer = editor.ask("initialize", json!({"capabilities": {}}));
    assert_eq!(answer["capabilities"]["positionEncoding"], "utf-16", "what every client understands");
    assert_eq!(editor.refused("initialize", json!({"capabilities": {}})), INVALID_REQUEST);
    assert_eq!(editor.refused("dictum/unheardOf", json!({})), METHOD_NOT_FOUND);
    assert_eq!(editor.refused("textDocument/documentSymbol", json!({"textDocument": 1})), INVALID_PARAMS);
    editor.tell("$/setTrace", json!({"value": "off"}));
    editor.tell("dictum/unheardOf", json!([]));
    editor.tell("textDocument/didChange", json!({"textDocument": 7}));
    editor.send(&json!({"jsonrpc": "2.0", "id": 99, "result": null}));
    editor.send_bytes(b"{");
    editor.send_bytes(b"[1, 2]");
    editor.ask("shutdown", Value::Null);
    assert_eq!(editor.refused("textDocument/hover", json!({})), INVALID_REQUEST);
    editor.tell("exit", Value::Null);
    assert_eq!(editor.end(), Some(0));
}

#[test]
fn exit_codes_tell_how_it_ended() {
    let mut without_shutdown = Editor::open(&[]);
    without_shutdown.tell("exit", Value::Null);
    assert_eq!(without_shutdown.end(), Some(1));
    assert_eq!(Editor::open(&[]).end(), Some(1), "the input ended");
    let mut no_protocol = Editor::new(&[]);
    no_protocol.stdin.as_mut().unwrap().write_all(b"Content-Length: x\r\n\r\n").unwrap();
    assert_eq!(no_protocol.end(), Some(2));
}

#[test]
fn a_request_may_be_cancelled() {
    let mut editor = Editor::open(&[]);
    let uri = editor.uri("x.json");
    let params = json!({"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}});
    let request = json!({"jsonrpc": "2.0", "id": 50, "method": "textDocument/hover", "params": params});
    editor.send(&request);
    editor.tell("$/cancelRequest", json!({"id": 50}));
    let answer = editor.answer(50);
    // Whether the answer or the cancellation was first is the clock's affair; an answer there is.
    assert!(answer.get("result").is_some() || answer["error"]["code"] == -32800, "{answer}");
    editor.tell("$/cancelRequest", json!({"id": "nobody"}));
    editor.ask("shutdown", Value::Null);
}

const COMMON: &str = "let reads = s3:{Get*, List*}\n";
const HOME: &str = "use \"common.dct\" as common\n\n@Read allow   common.reads on *\n  if aws:SourceVpc == \"vpc-1\"\n";

#[test]
fn the_language_is_served_across_files() {
    let mut editor = Editor::open(&[("common.dct", COMMON), ("home.dct", HOME)]);
    editor.open_file("home.dct");
    assert_eq!(editor.problems("home.dct", Some(1)), "");
    let found = editor.ask_at("textDocument/definition", "home.dct", 2, 22);
    assert_eq!(found["uri"], editor.uri("common.dct"));
    assert_eq!(found["range"]["start"], json!({"line": 0, "character": 4}));

    // What is open wins over what is on the disk.
    editor.open_file("common.dct");
    editor.change("common.dct", 2, None, "let writes = s3:Put*\n");
    editor.problems("common.dct", Some(2));
    let problems = loop {
        let problems = editor.problems("home.dct", None);
        if !problems.is_empty() {
            break problems;
        }
    };
    assert!(problems.contains("E-NAME"), "{problems}");
    editor.change("common.dct", 3, None, COMMON);

    let document = json!({"uri": editor.uri("home.dct")});
    let options = json!({"tabSize": 2, "insertSpaces": true});
    let edits = editor.ask("textDocument/formatting", json!({"textDocument": document, "options": options}));
    assert!(edits.as_array().is_some_and(|edits| edits.len() == 1), "{edits}");
    let hover = editor.ask_at("textDocument/hover", "home.dct", 2, 8);
    assert!(hover["contents"]["value"].as_str().unwrap().starts_with("Allows "), "{hover}");
    let list = editor.ask_at("textDocument/completion", "home.dct", 3, 5);
    assert!(list["items"].as_array().unwrap().iter().any(|item| item["label"] == "s3:prefix"), "keys of the import");
    let symbols = editor.ask("textDocument/documentSymbol", json!({"textDocument": document}));
    assert_eq!(symbols[1]["name"], "Read");
    let params = json!({"textDocument": document, "position": {"line": 2, "character": 22}, "newName": "reading"});
    let edit = editor.ask("textDocument/rename", params);
    assert_eq!(edit["changes"].as_object().unwrap().len(), 2, "{edit}");
    editor.ask("shutdown", Value::Null);
    editor.tell("exit", Value::Null);
    assert_eq!(editor.end(), Some(0));
}

#[test]
fn a_name_is_changed_in_files_that_are_not_open_too() {
    let user = |path: &str| format!("use \"{path}\" as common\n@Read allow common.reads on *\n");
    let (beside, below) = (user("common.dct"), user("../common.dct"));
    let files = [("common.dct", "let reads = s3:Get*\n"), ("home.dct", &beside), ("other.dct", "let reads = sqs:*\n")];
    let mut editor = Editor::open(&files);
    std::fs::create_dir_all(editor.folder.path().join("sub")).unwrap();
    editor.folder.write("sub/far.dct", &below);
    editor.open_file("home.dct");
    let document = json!({"uri": editor.uri("home.dct")});
    let ask = |name: &str| json!({"textDocument": document, "position": {"line": 1, "character": 22}, "newName": name});
    let edit = editor.ask("textDocument/rename", ask("reading"));
    let changed: Vec<&String> = edit["changes"].as_object().unwrap().keys().collect();
    assert_eq!(changed, [&editor.uri("common.dct"), &editor.uri("home.dct"), &editor.uri("sub/far.dct")]);

    // What cannot be read may use the name.
    editor.folder.write("sub/broken.dct", format!("{below}allow on on\n"));
    let refused = editor.ask_whole("textDocument/rename", ask("reading"))["error"]["message"].clone();
    assert!(refused.as_str().unwrap().contains("sub/broken.dct"), "{refused}");
    editor.folder.write("sub/broken.dct", b"\xff reads");
    assert!(editor.refused("textDocument/rename", ask("reading")).is_some());
    editor.folder.write("sub/broken.dct", "allow on on\n");
    editor.ask("textDocument/rename", ask("reading"));
    editor.folder.write("common.dct", "let reads = s3:Get*\nlet reading = s3:List*\n");
    assert!(editor.refused("textDocument/rename", ask("reading")).is_some(), "taken");
}

/// Whatever is typed, every question is answered.
#[test]
fn every_prefix_of_a_document_is_answered() {
    let texts = [
        ("p.json", POLICY),
        ("p.dct", "@A allow s3:{Get*, List*}\n  on arn:aws:s3:::é/*\n  if all aws:TagKeys? in [\"a\"]\n"),
    ];
    let mut editor = Editor::open(&[("p.json", ""), ("p.dct", "")]);
    for (name, text) in texts {
        editor.open_file(name);
        let ends = text.char_indices().map(|(at, _)| at).filter(|at| at % 3 == 0);
        for (version, end) in (2..).zip(ends) {
            editor.change(name, version, None, &text[..end]);
            let line = text[..end].matches('\n').count() as u32;
            let column = (end - text[..end].rfind('\n').map_or(0, |at| at + 1)) as u32;
            for method in ["textDocument/hover", "textDocument/completion", "textDocument/definition"] {
                editor.ask_at(method, name, line, column);
            }
        }
    }
    editor.ask("shutdown", Value::Null);
}

/// Minified documents are one line, however long.
#[test]
fn a_long_line_is_no_trouble() {
    let statement = |at: usize| {
        let resource = format!("arn:aws:s3:::b{at}/{}", if at == 0 { "é*" } else { "*" });
        format!(r#"{{"Sid":"S{at}","Effect":"Allow","Action":"s3:Get*","Resource":"{resource}"}}"#)
    };
    let statements: Vec<String> = (0..2000).map(statement).collect();
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    let mut editor = Editor::new(&[("long.json", &text)]);
    editor.ask("initialize", json!({"capabilities": {}, "initializationOptions": {"lint": false}}));
    editor.tell("initialized", json!({}));
    editor.open_file("long.json");
    let document = json!({"textDocument": {"uri": editor.uri("long.json")}});
    assert_eq!(editor.ask("textDocument/documentSymbol", document.clone()).as_array().map(Vec::len), Some(2000));
    editor.ask("textDocument/foldingRange", document);
    assert_eq!(editor.problems("long.json", Some(1)), "");
}
