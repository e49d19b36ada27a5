-- `:CodingAgent`, and the same commands where lenses and code actions name them.
local server = require('coding_agent.server')
local rows = require('coding_agent.table')

local M = {}

local count = 0 -- of tokens

-- What can be typed after `before`: one word, then nothing.
---@param lead string
---@param before string the line up to the cursor
---@return string[]
function M.complete(lead, before)
  if #vim.split(vim.trim(before), '%s+') > (lead == '' and 1 or 2) then
    return {}
  end
  local words = vim.tbl_map(function(row)
    return row.word
  end, rows)
  return vim.tbl_filter(function(word)
    return vim.startswith(word, lead)
  end, words)
end

-- Write what a command is about: what is on disk is what runs.
---@param buffer integer
---@return boolean written, or nothing to write
local function write(buffer)
  if not vim.bo[buffer].modified then
    return true
  end
  local ok, why = pcall(vim.api.nvim_buf_call, buffer, function()
    vim.cmd('silent update')
  end)
  if not ok then
    -- What Vim says, without where in our code it was said.
    local said = tostring(why):match('Vim%b():(.*)') or tostring(why):match('E%d+:.*') or tostring(why)
    server.tell('what is on disk is what runs, and the file cannot be written: ' .. said, vim.log.levels.ERROR)
  end
  return ok
end

---@param client vim.lsp.Client
---@param row coding_agent.Row
---@param arguments any[]
---@param buffer integer
local function send(client, row, arguments, buffer)
  local params, ended = { command = row.command, arguments = arguments }, function() end
  if row.long then
    count = count + 1
    params.workDoneToken = 'coding_agent.' .. count
    ended = require('coding_agent.show').progress(client, params.workDoneToken)
  end
  local from = vim.api.nvim_get_current_buf()
  local sent = server.request(client, 'workspace/executeCommand', params, function(err, answer)
    ended()
    local show = require('coding_agent.show')
    if err then
      show.failed(row, err.message, params.workDoneToken)
    else
      show.answer(row, arguments, answer, params.workDoneToken, from)
    end
  end, buffer)
  if not sent then
    ended()
    server.tell('the server does not run; :CodingAgent restart starts it', vim.log.levels.ERROR)
  end
end

-- Send what was asked in words, after asking for them where there are none.
---@param client vim.lsp.Client
---@param row coding_agent.Row
---@param arguments any[] those before the words
---@param words string
---@param buffer integer
local function send_words(client, row, arguments, words, buffer)
  ---@param text? string
  local function go(text)
    if text and vim.trim(text) ~= '' then
      send(client, row, vim.list_extend(arguments, { text }), buffer)
    end
  end
  if words ~= '' then
    return go(words)
  end
  vim.ui.input({ prompt = row.title .. ': ' }, go)
end

-- A lens or a code action of ours was chosen.
---@param row coding_agent.Row
---@param command lsp.Command
---@param context { client_id: integer, bufnr?: integer }
function M.asked(row, command, context)
  local client = assert(vim.lsp.get_client_by_id(context.client_id))
  local arguments = command.arguments or {}
  local buffer = type(arguments[1]) == 'string' and vim.uri_to_bufnr(arguments[1]) or context.bufnr or 0
  if row.takes == 'goal' and #arguments == 2 then
    send_words(client, row, arguments, '', buffer)
  elseif not row.runs or write(buffer) then
    send(client, row, arguments, buffer)
  end
end

---@return vim.lsp.Client?, string? why
local function some(buffer)
  local client, why = server.of(buffer)
  if client then
    return client
  end
  local clients = vim.lsp.get_clients({ name = server.NAME })
  if #clients == 1 then
    return clients[1]
  end
  return nil, #clients == 0 and why or 'several projects are open; go to a file of the one you mean'
end

---@param client vim.lsp.Client
---@return integer how many were told to stop
local function stop(client)
  local told = 0
  for token in pairs(client.progress.pending) do
    server.notify(client, 'window/workDoneProgress/cancel', { token = token })
    told = told + 1
  end
  return told
end

local own = {
  stop = function()
    local told = 0
    for _, client in ipairs(vim.lsp.get_clients({ name = server.NAME })) do
      told = told + stop(client)
    end
    server.tell(told == 0 and 'nothing runs' or 'stopping; what is verified by then still comes')
  end,
  restart = server.restart,
  report = function()
    require('coding_agent.show').report()
  end,
}

---@param given vim.api.keyset.create_user_command.command_args
---@param row coding_agent.Row
---@param words string what was typed behind the command's word
local function run(row, given, words)
  if own[row.word] then
    return own[row.word]()
  end
  local buffer = vim.api.nvim_get_current_buf()
  local client, why = ((row.takes == 'nothing' or row.takes == 'words') and some or server.of)(buffer)
  if not client then
    local said = 'not attached to this buffer: %s; see :checkhealth coding_agent'
    return server.tell(said:format(why), vim.log.levels.ERROR)
  end
  if row.takes == 'words' then
    return send_words(client, row, {}, words, buffer)
  end
  local arguments = row.takes == 'nothing' and {} or { vim.uri_from_bufnr(buffer) }
  local placed = row.takes == 'place' or row.takes == 'goal'
  if placed and given.range > 0 then
    -- Whole lines: the range ends at the start of the next one.
    local first, last = { line = given.line1 - 1, character = 0 }, { line = given.line2, character = 0 }
    table.insert(arguments, { start = first, ['end'] = last })
  elseif placed then
    table.insert(arguments, vim.api.nvim_win_get_cursor(0)[1] - 1)
  end
  if row.takes == 'goal' then
    send_words(client, row, arguments, words, buffer)
  elseif not row.runs or write(buffer) then
    send(client, row, arguments, buffer)
  end
end

-- `:CodingAgent {word}`, with more words behind it where it takes some; without a word one is chosen from a list.
---@param given vim.api.keyset.create_user_command.command_args
function M.run(given)
  local wanted = vim.trim(given.args)
  if wanted == '' then
    local options = {
      prompt = 'Coding Agent: ',
      ---@param row coding_agent.Row
      format_item = function(row)
        return ('%-12s %s'):format(row.word, row.about)
      end,
    }
    return vim.ui.select(rows, options, function(row)
      if row then
        run(row, given, '')
      end
    end)
  end
  local word, words = wanted:match('^(%S+)%s*(.*)$')
  for _, row in ipairs(rows) do
    if row.word == word and (words == '' or row.takes == 'words' or row.takes == 'goal') then
      return run(row, given, words)
    end
  end
  local known = table.concat(M.complete('', ''), ', ')
  server.tell(('there is no %q; there are %s'):format(wanted, known), vim.log.levels.ERROR)
end

return M
