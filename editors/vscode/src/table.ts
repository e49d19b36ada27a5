// Written by editors/generate.py from the server's tables.
export const SECTION = "codingAgent";
export const ROWS = [
  {"name": "generateTests", "title": "Generate Tests", "takes": "place", "long": true, "runs": true},
  {"name": "coverGaps", "title": "Cover the Gaps", "takes": "file", "long": true, "runs": true},
  {"name": "testGaps", "title": "Show Test Gaps", "takes": "file", "long": true, "runs": true},
  {"name": "search", "title": "Search the Code", "takes": "words", "long": false, "runs": false},
  {"name": "similarCode", "title": "Show Similar Code", "takes": "place", "long": false, "runs": false},
  {"name": "explain", "title": "Explain", "takes": "place", "long": false, "runs": false},
  {"name": "showMetrics", "title": "Show Metrics", "takes": "file", "long": false, "runs": false},
  {"name": "scanWorkspace", "title": "Scan Workspace", "takes": "nothing", "long": true, "runs": false},
  {"name": "trustWorkspace", "title": "Trust Workspace", "takes": "nothing", "long": false, "runs": false},
  {"name": "status", "title": "Show Status", "takes": "nothing", "long": false, "runs": false},
] as const;
export const OWN = [
  "setUp",
  "restart",
  "showLogs",
  "copyDebugInfo",
  "selectInterpreter",
  "fixAll",
  "openSettings",
  "showMenu",
  "remove",
  "acceptTests",
  "discardTests",
] as const;
export type Row = (typeof ROWS)[number];
export type Own = (typeof OWN)[number];
export const SETTINGS = [
  {"key": "select", "scope": "resource"},
  {"key": "ignore", "scope": "resource"},
  {"key": "baseline", "scope": "resource"},
  {"key": "interpreter", "scope": "machine"},
  {"key": "include", "scope": "resource"},
  {"key": "exclude", "scope": "resource"},
  {"key": "gitignore", "scope": "resource"},
  {"key": "vendored", "scope": "resource"},
  {"key": "generated", "scope": "resource"},
  {"key": "scripts", "scope": "resource"},
  {"key": "analysis.maxFileSize", "scope": "resource"},
  {"key": "analysis.maxProblems", "scope": "resource"},
  {"key": "analysis.twins", "scope": "resource"},
  {"key": "hover.oursOnly", "scope": "resource"},
  {"key": "lens.complexity", "scope": "resource"},
  {"key": "lens.tests", "scope": "resource"},
  {"key": "lens.similar", "scope": "resource"},
  {"key": "search.background", "scope": "resource"},
  {"key": "search.encoder", "scope": "machine"},
  {"key": "diagnostics.workspace", "scope": "resource"},
  {"key": "jedi.enabled", "scope": "machine"},
  {"key": "jedi.deadlineMs", "scope": "machine"},
  {"key": "sandbox.mode", "scope": "machine"},
  {"key": "tests.folder", "scope": "resource"},
  {"key": "tests.seconds", "scope": "resource"},
  {"key": "rules", "scope": "resource"},
] as const;
export type OwnSetting = "command" | "package" | "trace.server";
