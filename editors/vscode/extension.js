// Starts `dictum lsp` and connects it with the editor.
"use strict";

const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

function settings() {
  const chosen = vscode.workspace.getConfiguration("dictum");
  return { json: chosen.get("json", true), lint: chosen.get("lint", true) };
}

function documents() {
  const dictum = [{ scheme: "file", language: "dictum" }, { scheme: "untitled", language: "dictum" }];
  const json = [{ scheme: "file", language: "json" }, { scheme: "untitled", language: "json" }];
  return settings().json ? dictum.concat(json) : dictum;
}

async function start() {
  const command = vscode.workspace.getConfiguration("dictum").get("path", "dictum");
  const server = { command, args: ["lsp"], transport: TransportKind.stdio };
  const options = {
    documentSelector: documents(),
    initializationOptions: settings(),
    synchronize: {
      configurationSection: "dictum",
      fileEvents: ["**/*.dct", "**/dictum-lint.toml"].map((glob) => vscode.workspace.createFileSystemWatcher(glob)),
    },
  };
  client = new LanguageClient("dictum", "Dictum", server, options);
  try {
    await client.start();
  } catch (error) {
    const action = "Open the setting";
    const message = `Dictum: cannot start \`${command} lsp\` (${error.message}). Is it installed?`;
    const chosen = await vscode.window.showErrorMessage(message, action);
    if (chosen === action) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "dictum.path");
    }
  }
}

async function stop() {
  const old = client;
  client = undefined;
  if (old && old.needsStop()) {
    await old.stop();
  }
}

async function restart() {
  await stop();
  await start();
}

async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("dictum.restart", restart),
    vscode.workspace.onDidChangeConfiguration((event) => {
      // Which documents are looked at, and by which program, is settled when the client starts.
      if (event.affectsConfiguration("dictum.path") || event.affectsConfiguration("dictum.json")) {
        restart();
      }
    }),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
