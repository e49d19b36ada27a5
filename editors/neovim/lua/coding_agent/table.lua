-- Written by editors/generate.py from the server's tables.
return {
  { word = 'tests', command = 'codingAgent.generateTests', title = 'Generate Tests', takes = 'place',
    about = "Generate tests for the function or class at the cursor, verified in a sandbox." },
  { word = 'cover', command = 'codingAgent.coverGaps', title = 'Cover the Gaps', takes = 'file',
    about = "Generate tests for what no test of this file covers yet." },
  { word = 'gaps', command = 'codingAgent.testGaps', title = 'Show Test Gaps', takes = 'file',
    about = "List the branches of this file that no test takes." },
  { word = 'metrics', command = 'codingAgent.showMetrics', title = 'Show Metrics', takes = 'file',
    about = "Show complexity and size of the functions of this file, the most complex first." },
  { word = 'scan', command = 'codingAgent.scanWorkspace', title = 'Scan Workspace', takes = 'nothing',
    about = "Look at every file of the workspace and tell how much was found." },
  { word = 'trust', command = 'codingAgent.trustWorkspace', title = 'Trust Workspace', takes = 'nothing',
    about = "Trust the folders of this workspace: their interpreters and code may be run in the sandbox." },
  { word = 'status', command = 'codingAgent.status', title = 'Show Status', takes = 'nothing',
    about = "Show version, folders, trust, interpreter and what runs." },
}
