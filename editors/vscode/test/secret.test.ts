import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { discreet, hide, hidden, hostOf } from "../src/secret";

describe("the host of an endpoint", () => {
  it("is what stands before the path, with its port", () => {
    assert.equal(hostOf("https://API.openai.com/v1"), "api.openai.com");
    assert.equal(hostOf(" http://127.0.0.1:11434/v1/ "), "127.0.0.1:11434");
    assert.equal(hostOf("http://[::1]:8080/v1"), "[::1]:8080");
    assert.equal(hostOf("https://example.org:443"), "example.org:443");
  });

  it("is none where nothing can be asked", () => {
    for (const url of [undefined, "", "localhost:11434", "file:///v1", "https://", "https://me:word@example.org/v1"]) {
      assert.equal(hostOf(url), undefined);
    }
  });
});

describe("a key that is hidden", () => {
  it("stands in no channel, whatever it looks like", () => {
    const written: unknown[] = [], channel = discreet({ level: 2, trace(...given: unknown[]) { written.push(this.level, ...given); } });
    hide("");
    hide('sk-"quoted"\\');
    channel.trace(`Params: ${JSON.stringify({ key: 'sk-"quoted"\\' })}`, 'sk-"quoted"\\', 7);
    assert.deepEqual(written, [2, 'Params: {"key":"***"}', "***", 7]);
    assert.equal(hidden("nothing"), "nothing");
  });
});
