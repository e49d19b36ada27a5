import assert from "node:assert/strict";
import * as path from "node:path";
import { describe, it } from "node:test";
import { choose, Disk, explicit, installed, requirement, World } from "../src/launch";

const METADATA = (version: string) => `Metadata-Version: 2.4\nName: coding-agent-lsp\nVersion: ${version}\n\nName: other\n`;

/** A disk with these files; links lead from one of them to another. */
function diskOf(files: Record<string, string>, links: Record<string, string> = {}): Disk {
  return {
    exists: (file) => file in files || file in links,
    read: (file) => files[file],
    real: (file) => links[file] ?? file,
    list: (folder) => [...new Set(Object.keys(files).filter((file) => file.startsWith(folder + "/"))
      .map((file) => file.slice(folder.length + 1).split("/")[0] ?? ""))],
  };
}

function environment(folder: string, version: string, python = "python3.12"): Record<string, string> {
  return {
    [`${folder}/bin/python`]: "",
    [`${folder}/bin/coding-agent`]: "",
    [`${folder}/lib/${python}/site-packages/coding_agent_lsp-${version}.dist-info/METADATA`]: METADATA(version),
  };
}

const WORLD: World = {
  command: [], interpreter: undefined, path: ["/usr/bin"], managed: "/storage/server", version: "1.2.3",
  untrusted: [], home: "/home/me", windows: false,
};

describe("which server is started", () => {
  const all = { ...environment("/env", "1.2.0"), ...environment("/usr", "1.2.9"), ...environment("/storage/server", "1.2.3") };

  it("is the one that the user named, with serve where no arguments are given", () => {
    const world = { ...WORLD, command: ["/mine/agent"], interpreter: "/env/bin/python" };
    assert.deepEqual(choose(world, diskOf({ ...all, "/mine/agent": "" })).found, { program: "/mine/agent", args: ["serve"], source: "setting" });
    const own = { ...WORLD, command: ["~/agent", "serve", "--log"] };
    assert.deepEqual(choose(own, diskOf({ "/home/me/agent": "" })).found, { program: "/home/me/agent", args: ["serve", "--log"], source: "setting" });
  });

  it("is none where the one that the user named is not there, and that is said", () => {
    const { found, passed, broken } = choose({ ...WORLD, command: ["/gone/agent"] }, diskOf(all));
    assert.equal(found, undefined);
    assert.equal(broken, true);
    assert.match(passed[0] ?? "", /codingAgent\.command names \/gone\/agent, which does not exist/);
  });

  it("is that of the selected interpreter, then that of PATH, then ours", () => {
    const world = { ...WORLD, interpreter: "/env/bin/python" };
    assert.equal(choose(world, diskOf(all)).found?.program, "/env/bin/coding-agent");
    const { "/env/bin/coding-agent": _, ...without } = all;
    assert.deepEqual(choose(world, diskOf(without)).found, { program: "/usr/bin/coding-agent", args: ["serve"], source: "path", version: "1.2.9" });
    assert.equal(choose({ ...world, path: [] }, diskOf(without)).found?.source, "managed");
  });

  it("tells why each place was passed by", () => {
    const { found, passed, broken } = choose({ ...WORLD, interpreter: "/env/bin/python" }, diskOf({}));
    assert.equal(found, undefined);
    assert.equal(broken, false);
    assert.equal(passed.length, 3);
  });

  it("has the package's name and a version that fits", () => {
    const old = diskOf(environment("/usr", "1.1.0"));
    assert.match(choose(WORLD, old).passed[0] ?? "", /\/usr\/bin\/coding-agent is version 1\.1\.0, and this extension wants 1\.2\.3/);
    const strange = diskOf({ "/usr/bin/coding-agent": "" });
    assert.match(choose(WORLD, strange).passed[0] ?? "", /is no program of coding-agent-lsp/);
    const next = diskOf(environment("/usr", "1.2.9"));
    assert.equal(choose(WORLD, next).found?.version, "1.2.9");
    assert.equal(choose({ ...WORLD, path: [] }, diskOf(environment("/storage/server", "1.2.9"))).found, undefined);
  });

  it("is looked for behind links, as uv tool install makes them", () => {
    const tool = environment("/home/me/.local/share/uv/tools/coding-agent-lsp", "1.2.3");
    const link = { "/usr/bin/coding-agent": "/home/me/.local/share/uv/tools/coding-agent-lsp/bin/coding-agent" };
    assert.equal(choose(WORLD, diskOf(tool, link)).found?.version, "1.2.3");
  });

  it("is the first of PATH that fits, and none of a relative folder", () => {
    const files = { "/strange/coding-agent": "", ...environment("/usr", "1.2.3"), "bin/coding-agent": "" };
    const { found, passed } = choose({ ...WORLD, path: ["bin", "/strange", "/usr/bin"] }, diskOf(files));
    assert.equal(found?.program, "/usr/bin/coding-agent");
    assert.equal(passed.length, 1);
  });

  it("is never one of a folder that nobody trusts, also behind a link", () => {
    const files = environment("/work/.venv", "1.2.3");
    const world = { ...WORLD, interpreter: "/work/.venv/bin/python", untrusted: ["/work"], path: ["/usr/bin"] };
    const { found, passed } = choose(world, diskOf(files, { "/usr/bin/coding-agent": "/work/.venv/bin/coding-agent" }));
    assert.equal(found, undefined);
    assert.equal(passed.filter((why) => why.includes("belongs to a folder that is not trusted")).length, 2);
    assert.equal(choose({ ...world, untrusted: ["/work/other"] }, diskOf(files)).found?.source, "interpreter");
  });
});

describe("the package of a program", () => {
  it("is read from its environment's metadata, wherever a system has that", () => {
    for (const folder of ["lib/python3.11/site-packages", "lib64/python3.9/site-packages", "local/lib/python3.12/dist-packages", "Lib/site-packages"]) {
      const file = path.join("/e", folder, "coding_agent_lsp-0.1.0.dist-info", "METADATA");
      assert.equal(installed("/e/bin/coding-agent", diskOf({ [file]: METADATA("0.1.0") })), "0.1.0");
    }
  });

  it("is not believed by its folder's name alone", () => {
    const file = "/e/lib/python3.11/site-packages/coding_agent_lsp-0.1.0.dist-info/METADATA";
    assert.equal(installed("/e/bin/coding-agent", diskOf({ [file]: "Name: something\nVersion: 0.1.0\n" })), undefined);
    assert.equal(installed("/e/bin/coding-agent", diskOf({ [file]: "" })), undefined);
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
    const inspect = () => ({ globalValue: undefined, workspaceValue: "/work/python" });
    assert.deepEqual(explicit([declared[2]!], inspect), {});
  });

  it("stand over what follows from the neighbours, which they leave as it is", () => {
    const presets = { hover: { oursOnly: true }, interpreter: "/selected" };
    const inspect = (key: string) => (key === "hover.oursOnly" ? { globalValue: false } : undefined);
    assert.deepEqual(explicit(declared, inspect, presets), { hover: { oursOnly: false }, interpreter: "/selected" });
    assert.deepEqual(presets, { hover: { oursOnly: true }, interpreter: "/selected" });
  });
});
