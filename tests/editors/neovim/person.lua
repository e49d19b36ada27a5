-- What a person does in Neovim, and what a person sees. Waits are for something to be true, never for a time.
local M = {}

local PATIENCE = tonumber(vim.env.PAT) or 60000 -- milliseconds; a loaded machine with one core for everything still gets there

function M.eventually(what, check)
  local value
  vim.wait(PATIENCE, function()
    value = check()
    return value or Gone
  end, 10)
  assert(value, ('never came: %s; %s\n%s'):format(what, Gone or 'all servers run', vim.fn.execute('messages')))
  return value
end

function M.text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n') .. '\n'
end

function M.on_disk()
  local file = assert(io.open(vim.api.nvim_buf_get_name(0), 'rb'))
  local text = file:read('*a')
  file:close()
  return text
end

function M.client(name)
  return M.eventually(name .. ' attached', function()
    local client = vim.lsp.get_clients({ bufnr = 0, name = name })[1]
    return client and client.initialized and client
  end)
end

-- What is underlined, once per mark on the screen: the text under it, and where (from 0, in bytes).
local function underlined()
  local marks = {}
  for _, namespace in pairs(vim.api.nvim_get_namespaces()) do
    for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })) do
      local _, row, column, details = unpack(mark)
      if (details.hl_group or ''):find('^DiagnosticUnderline') then
        local lines = vim.api.nvim_buf_get_text(0, row, column, details.end_row, details.end_col, {})
        table.insert(marks, { line = row, column = column, text = table.concat(lines, '\n') })
      end
    end
  end
  return marks
end

-- Press keys, named as mappings name them, as somebody does who types them.
function M.type(keys)
  vim.api.nvim_feedkeys(vim.keycode(keys), 'tx', false)
end

-- Keep what is told from here on, instead of showing it.
function M.listen()
  local told = {}
  vim.notify = function(text)
    table.insert(told, text)
  end
  return told
end

-- Wait for a message with these words, plain; return it.
function M.told(messages, words)
  return M.eventually(('told: %s, in %s'):format(words, vim.inspect(messages)), function()
    -- Neovim 0.11 shows the server's messages by itself.
    for _, text in ipairs(vim.list_extend(vim.split(vim.fn.execute('messages'), '\n'), messages)) do
      if text:find(words, 1, true) then
        return text
      end
    end
  end)
end

-- Wait until a finding stands at just this text.
function M.finding(code, text)
  return M.eventually(('%s at %q'):format(code, text), function()
    for _, found in ipairs(M.shown().findings) do
      if found.code == code and found.text == text then
        return found
      end
    end
  end)
end

-- The ids of the servers' processes that were started, the newest last.
function M.servers()
  return vim.tbl_map(tonumber, vim.fn.readfile(vim.fs.joinpath(vim.env.HOME, 'servers')))
end

-- End the newest server as the kernel does when memory is short; returns once Neovim knows.
function M.kill()
  local client, servers = M.client('coding_agent'), M.servers()
  vim.uv.kill(servers[#servers], 'sigkill')
  M.eventually('the end of the server', function()
    return client.rpc.is_closing() and not vim.lsp.get_client_by_id(client.id)
  end)
end

-- A question put by `vim.ui.select` is answered by its label that holds these words.
function M.choose(words)
  vim.ui.select = function(items, options, on_choice)
    table.insert(Asked, options.prompt or '')
    local show = options.format_item or tostring
    for index, item in ipairs(items) do
      if show(item):find(words, 1, true) then
        return on_choice(item, index)
      end
    end
    error(('nothing offered with %s'):format(words))
  end
end

-- Wait for the tab that shows generated tests; returns what its windows show, from left to right.
function M.review()
  return M.eventually('the tab with the tests', function()
    local windows = vim.api.nvim_tabpage_list_wins(0)
    return vim.wo.winbar:find('a accepts', 1, true)
      and vim.tbl_map(function(window)
        local lines = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false)
        return { title = vim.wo[window].winbar, text = table.concat(lines, '\n') .. '\n', diff = vim.wo[window].diff }
      end, windows)
  end)
end

-- Everything shown at the moment: findings as Neovim holds them and the marks it drew.
function M.shown()
  local findings = {}
  for _, found in ipairs(vim.diagnostic.get(0)) do
    local lines = vim.api.nvim_buf_get_text(0, found.lnum, found.col, found.end_lnum, found.end_col, {})
    table.insert(findings, {
      source = found.source,
      code = found.code,
      message = found.message,
      severity = found.severity,
      line = found.lnum,
      last = found.end_lnum,
      column = found.col,
      text = table.concat(lines, '\n'),
    })
  end
  return { findings = findings, underlined = underlined() }
end

function M.of(code)
  return vim.tbl_filter(function(found)
    return found.code == code
  end, vim.diagnostic.get(0))
end

-- A question behind everything already on its way: what the server pushed before its answer has been shown.
function M.settled(name)
  local client = M.client(name)
  if not client:supports_method('textDocument/documentSymbol') then
    return client
  end
  local answer = client:request_sync('textDocument/documentSymbol', {
    textDocument = vim.lsp.util.make_text_document_params(0),
  }, PATIENCE, 0)
  assert(answer and not answer.err, vim.inspect(answer))
  return client
end

function M.cursor_on(needle)
  for row, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local column = line:find(needle, 1, true)
    if column then
      vim.api.nvim_win_set_cursor(0, { row, column - 1 })
      return
    end
  end
  error('not in the text: ' .. needle)
end

-- The range of a visual selection: its end is the last character, not the one behind it.
function M.select(needle)
  M.cursor_on(needle)
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  return { start = { row, column }, ['end'] = { row, column + #needle - 1 } }
end

-- Rises with each change of a file's text, whichever file it is.
local function changes()
  local count = 0
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.bo[buffer].modified then
      count = count + vim.api.nvim_buf_get_changedtick(buffer)
    end
  end
  return count
end

-- Take the one action whose kind starts with `kind` and whose title holds `title`, at the cursor or over a range.
function M.take(kind, title, range)
  local before, offered = changes(), {}
  vim.lsp.buf.code_action({
    apply = true,
    range = range,
    context = { only = { kind } },
    filter = function(action)
      table.insert(offered, ('%s: %s'):format(action.kind, action.title))
      return vim.startswith(action.kind or '', kind) and action.title:lower():find(title:lower(), 1, true) ~= nil
    end,
  })
  local ok = vim.wait(PATIENCE, function()
    return changes() ~= before
  end, 10)
  assert(ok, ('nothing applied for %s %q; offered: %s'):format(kind, title, table.concat(offered, '; ')))
  return offered
end

-- A first question can come before jedi is ready; a person who gets no more than a name asks again.
function M.hover()
  local client = M.client('coding_agent')
  M.eventually('something to say', function()
    local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
    local answer = client:request_sync('textDocument/hover', params, PATIENCE, 0)
    return answer and answer.result and answer.result ~= vim.NIL and answer.result.contents.value:find('(', 1, true)
  end)
  vim.lsp.buf.hover()
  return M.eventually('hover window', function()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= '' then
        local lines = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false)
        return table.concat(lines, '\n')
      end
    end
  end)
end

-- Run a scenario; what it returns goes to $RESULT as JSON, and Neovim ends.
function M.play(scenario)
  local ok, result = xpcall(scenario, debug.traceback)
  local file = assert(io.open(vim.env.RESULT, 'w'))
  file:write(vim.json.encode(ok and { saw = result } or { failed = tostring(result) }))
  file:close()
  vim.cmd(ok and 'qall!' or 'cquit 1')
end

return M
