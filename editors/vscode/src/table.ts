// Written by editors/generate.py from the server's tables.
export const SECTION = "codingAgent";
export const ROWS = [
  {"name": "generateTests", "title": "Generate Tests", "takes": "place", "long": true, "runs": true},
  {"name": "coverGaps", "title": "Cover the Gaps", "takes": "file", "long": true, "runs": true},
  {"name": "testGaps", "title": "Show Test Gaps", "takes": "file", "long": true, "runs": true},
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
export const OWN_SETTINGS = ["command", "package", "trace.server"] as const;
export type OwnSetting = (typeof OWN_SETTINGS)[number];
