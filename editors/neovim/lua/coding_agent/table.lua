-- Written by editors/generate.py from the server's tables.
---@class coding_agent.Row One word of `:CodingAgent`; without `command` it is Neovim's own.
---@field word string
---@field command? string
---@field title string
---@field takes 'nothing'|'file'|'place'|'goal'|'words'
---@field long? boolean
---@field runs? boolean
---@field about string

---@type coding_agent.Row[]
return {
  { word = 'tests', command = 'codingAgent.generateTests', title = 'Generate Tests', takes = 'place',
    long = true, runs = true, about = "Generate tests for the function or class at the cursor, verified in a sandbox." },
  { word = 'cover', command = 'codingAgent.coverGaps', title = 'Cover the Gaps', takes = 'file',
    long = true, runs = true, about = "Generate tests for what no test of this file covers yet." },
  { word = 'gaps', command = 'codingAgent.testGaps', title = 'Show Test Gaps', takes = 'file',
    long = true, runs = true, about = "List the branches of this file that no test takes." },
  { word = 'search', command = 'codingAgent.search', title = 'Search the Code', takes = 'words',
    about = "Ask the code in words: the places that answer, the best first." },
  { word = 'similar', command = 'codingAgent.similarCode', title = 'Show Similar Code', takes = 'place',
    about = "List the code that is like the function or class at the cursor." },
  { word = 'explain', command = 'codingAgent.explain', title = 'Explain', takes = 'place',
    about = "Explain the function or class at the cursor: what it does, who calls it, what it calls, how it changed." },
  { word = 'ai-explain', command = 'codingAgent.aiExplain', title = 'Explain with AI', takes = 'place',
    long = true, about = "Ask your model to explain the function or class at the cursor." },
  { word = 'ai-preview', command = 'codingAgent.aiPreview', title = 'Preview What Would Be Sent', takes = 'place',
    about = "Show what your model would be sent of the function or class at the cursor; nothing is sent." },
  { word = 'ai-fix', command = 'codingAgent.aiFix', title = 'Fix with AI', takes = 'place',
    long = true, about = "Ask your model to mend what was found at the cursor; its answer is an edit only where it passes all checks." },
  { word = 'ai-refactor', command = 'codingAgent.aiRefactor', title = 'Refactor with AI', takes = 'goal',
    long = true, about = "Ask your model to write the function or class at the cursor anew, with a goal in your words." },
  { word = 'ai-optimise', command = 'codingAgent.aiOptimise', title = 'Optimise with AI', takes = 'place',
    long = true, runs = true, about = "Ask your model for a faster function at the cursor; taken only where the sandbox shows it equal and faster." },
  { word = 'ai-docstring', command = 'codingAgent.aiDocstring', title = 'Write Docstring with AI', takes = 'place',
    long = true, about = "Ask your model for the docstring of the function or class at the cursor." },
  { word = 'ai-tests', command = 'codingAgent.aiTests', title = 'Write Tests with AI', takes = 'place',
    long = true, runs = true, about = "Ask your model for tests of what none gets to at the cursor; taken only where the sandbox shows their worth." },
  { word = 'ai-review', command = 'codingAgent.aiReview', title = 'Review My Changes with AI', takes = 'nothing',
    long = true, about = "Ask your model about what was changed since the last commit." },
  { word = 'ai-dismiss', command = 'codingAgent.aiDismiss', title = 'Dismiss Remarks of the Review', takes = 'nothing',
    about = "Take away what your model remarked on your changes; a quick fix at a remark takes that one away." },
  { word = 'ai-commit', command = 'codingAgent.aiCommit', title = 'Write Commit Message with AI', takes = 'nothing',
    long = true, about = "Ask your model for the message of the commit that makes your changes." },
  { word = 'ai-status', command = 'codingAgent.aiStatus', title = 'Show AI Status', takes = 'nothing',
    about = "Show which model is asked, and what it took today." },
  { word = 'metrics', command = 'codingAgent.showMetrics', title = 'Show Metrics', takes = 'file',
    about = "Show complexity and size of the functions of this file, the most complex first." },
  { word = 'scan', command = 'codingAgent.scanWorkspace', title = 'Scan Workspace', takes = 'nothing',
    long = true, about = "Look at every file of the workspace and tell how much was found." },
  { word = 'trust', command = 'codingAgent.trustWorkspace', title = 'Trust Workspace', takes = 'nothing',
    about = "Trust the folders of this workspace: their interpreters and code may be run in the sandbox." },
  { word = 'status', command = 'codingAgent.status', title = 'Show Status', takes = 'nothing',
    about = "Show the server's version and Python, how many rules are on, and how many folders are trusted." },
  { word = 'report', title = 'Report', takes = 'nothing',
    about = "Show all that the last command told." },
  { word = 'stop', title = 'Stop', takes = 'nothing',
    about = "Stop what runs for a command; tests that are verified by then still come." },
  { word = 'restart', title = 'Restart', takes = 'nothing',
    about = "Start the server anew, for all files that are open in it." },
}
