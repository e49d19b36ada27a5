import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { describe, it } from "node:test";
import { choose, explicit, extra, installed, requirement, withExtra, World } from "../src/launch";

const METADATA = (version: string) => `Metadata-Version: 2.4\nName: coding-agent-lsp\nVersion: ${version}\n\nName: other\n`;

/** A folder with these files in it; links lead from one path in it to another. Returns where a path of it is. */
function disk(files: Record<string, string>, links: Record<string, string> = {}): (name: string) => string {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "launch-"));
  process.on("exit", () => fs.rmSync(root, { recursive: true, force: true }));
  const at = (name: string) => path.join(root, name);
  const folder = (name: string) => fs.mkdirSync(path.dirname(at(name)), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    folder(name);
    fs.writeFileSync(at(name), text);
  }
  for (const [name, to] of Object.entries(links)) {
    folder(name);
    fs.symlinkSync(at(to), at(name));
  }
  return at;
}

function environment(folder: string, version: string, python = "python3.12"): Record<string, string> {
  return {
    [`${folder}/bin/python`]: "",
    [`${folder}/bin/coding-agent`]: "",
    [`${folder}/lib/${python}/site-packages/coding_agent_lsp-${version}.dist-info/METADATA`]: METADATA(version),
  };
}

const world = (at: (name: string) => string, more: Partial<World> = {}): World => ({
  command: [], interpreter: undefined, path: [at("usr/bin")], managed: at("storage/server"), version: "1.2.3",
  untrusted: [], home: at("home/me"), windows: false, ...more,
});

describe("which server is started", () => {
  const all = { ...environment("env", "1.2.0"), ...environment("usr", "1.2.9"), ...environment("storage/server", "1.2.3") };

  it("is the one that the user named, with serve where no arguments are given", () => {
    const at = disk({ ...all, "mine/agent": "", "home/me/agent": "" });
    const named = choose(world(at, { command: [at("mine/agent")], interpreter: at("env/bin/python") }));
    assert.deepEqual(named.found, { program: at("mine/agent"), args: ["serve"], source: "setting" });
    const own = choose(world(at, { command: ["~/agent", "serve", "--log"] }));
    assert.deepEqual(own.found, { program: at("home/me/agent"), args: ["serve", "--log"], source: "setting" });
    const byName = choose(world(at, { command: ["coding-agent"] }));
    assert.equal(byName.found?.program, at("usr/bin/coding-agent"));
  });

  it("is none where the one that the user named is not there, and that is said", () => {
    const { found, passed } = choose(world(disk(all), { command: ["/gone/agent"] }));
    assert.equal(found, undefined);
    assert.match(passed[0] ?? "", /codingAgent\.command names \/gone\/agent, which does not exist/);
  });

  it("is that of the selected interpreter, then that of PATH, then ours", () => {
    const at = disk(all);
    assert.equal(choose(world(at, { interpreter: at("env/bin/python") })).found?.program, at("env/bin/coding-agent"));
    fs.rmSync(at("env/bin/coding-agent"));
    const onPath = choose(world(at, { interpreter: at("env/bin/python") }));
    assert.deepEqual(onPath.found, { program: at("usr/bin/coding-agent"), args: ["serve"], source: "path", version: "1.2.9" });
    assert.equal(choose(world(at, { path: [] })).found?.source, "managed");
  });

  it("tells why each place was passed by, also one that cannot be read", () => {
    const at = disk({}, { "loop/coding-agent": "loop/coding-agent" });
    const { found, passed } = choose(world(at, { interpreter: at("env/bin/python"), path: [at("loop"), "/" + "x".repeat(5000)] }));
    assert.equal(found, undefined);
    assert.equal(passed.length, 3);
  });

  it("has the package's name and a version that fits", () => {
    const old = choose(world(disk(environment("usr", "1.1.0"))));
    assert.match(old.passed[0] ?? "", /coding-agent is version 1\.1\.0, and this extension wants 1\.2\.3/);
    assert.match(choose(world(disk({ "usr/bin/coding-agent": "" }))).passed[0] ?? "", /is no program of coding-agent-lsp/);
    assert.equal(choose(world(disk(environment("usr", "1.2.9")))).found?.version, "1.2.9");
    assert.equal(choose(world(disk(environment("storage/server", "1.2.9")))).found, undefined);
  });

  it("is looked for behind links, as uv tool install makes them", () => {
    const at = disk(environment("tools/coding-agent-lsp", "1.2.3"), { "usr/bin/coding-agent": "tools/coding-agent-lsp/bin/coding-agent" });
    assert.equal(choose(world(at)).found?.version, "1.2.3");
  });

  it("is the first of PATH that fits, and none of a relative folder", () => {
    const at = disk({ "strange/coding-agent": "", ...environment("usr", "1.2.3") });
    const { found, passed } = choose(world(at, { path: ["bin", at("strange"), at("usr/bin")] }));
    assert.equal(found?.program, at("usr/bin/coding-agent"));
    assert.equal(passed.length, 1);
  });

  it("is never one of a folder that nobody trusts, also behind links to it or from it", () => {
    const at = disk(environment("work/.venv", "1.2.3"), { "usr/bin/coding-agent": "work/.venv/bin/coding-agent", link: "work" });
    for (const opened of ["work", "link"]) {
      const { found, passed } = choose(world(at, { interpreter: at("work/.venv/bin/python"), untrusted: [at(opened)] }));
      assert.equal(found, undefined);
      assert.equal(passed.filter((why) => why.includes("belongs to a folder that is not trusted")).length, 2);
    }
    const elsewhere = choose(world(at, { interpreter: at("work/.venv/bin/python"), untrusted: [at("work/other"), at("wor")] }));
    assert.equal(elsewhere.found?.source, "interpreter");
  });
});

describe("the package of a program", () => {
  it("is read from its environment's metadata, wherever a system has that", () => {
    for (const folder of ["lib/python3.11/site-packages", "lib64/python3.9/site-packages", "local/lib/python3.12/dist-packages", "Lib/site-packages"]) {
      const at = disk({ [`${folder}/coding_agent_lsp-0.1.0.dist-info/METADATA`]: METADATA("0.1.0") });
      assert.equal(installed(at("bin/coding-agent")), "0.1.0");
    }
  });

  it("is not believed by its folder's name alone", () => {
    const file = "lib/python3.11/site-packages/coding_agent_lsp-0.1.0.dist-info/METADATA";
    for (const text of ["Name: something\nVersion: 0.1.0\n", ""]) {
      assert.equal(installed(disk({ [file]: text })("bin/coding-agent")), undefined);
    }
  });

  it("is wanted with an extra, which stands behind a name or a file", () => {
    assert.equal(withExtra("coding-agent-lsp==0.1.0", "ai"), "coding-agent-lsp[ai]==0.1.0");
    assert.equal(withExtra("/clone", "search"), "/clone[search]");
    assert.equal(extra("ai"), "coding-agent-lsp[ai]");
  });

  it("is wanted in the extension's own version", () => assert.equal(requirement("0.1.0"), "coding-agent-lsp==0.1.0"));
});

describe("the settings that are sent", () => {
  const declared = [{ key: "tests.seconds", scope: "resource" }, { key: "hover.oursOnly", scope: "resource" }, { key: "interpreter", scope: "machine" }];

  it("are those that somebody set, the nearest first", () => {
    const set: Record<string, object> = {
      "tests.seconds": { defaultValue: 30, globalValue: 5, workspaceValue: 6, workspaceFolderValue: 7 },
      "hover.oursOnly": { defaultValue: false },
    };
    assert.deepEqual(explicit(declared, (key) => set[key]), { tests: { seconds: 7 } });
  });

  it("are the user's alone where a workspace could name a program", () => {
    const inspect = () => ({ globalValue: undefined, workspaceValue: "/folder/python" });
    assert.deepEqual(explicit([declared[2]!], inspect), {});
  });

  it("stand over what follows from the neighbours, which they leave as it is", () => {
    const presets = { hover: { oursOnly: true }, interpreter: "/selected" };
    const inspect = (key: string) => (key === "hover.oursOnly" ? { globalValue: false } : undefined);
    assert.deepEqual(explicit(declared, inspect, presets), { hover: { oursOnly: false }, interpreter: "/selected" });
    assert.deepEqual(presets, { hover: { oursOnly: true }, interpreter: "/selected" });
  });

  it("are merged where they are tables, as VS Code shows them", () => {
    const inspect = () => ({ globalValue: { a: 1, b: 1 }, workspaceFolderValue: { b: 2 } });
    assert.deepEqual(explicit([{ key: "rules", scope: "resource" }], inspect), { rules: { a: 1, b: 2 } });
  });
});
