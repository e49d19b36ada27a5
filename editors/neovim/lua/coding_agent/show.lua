-- What comes of commands: a list to go through, or a sentence.
local server = require('coding_agent.server')

local M = {}

---@class coding_agent.Gap
---@field function string
---@field line integer from 1
---@field column integer from 1, in characters; 0 for the line
---@field outcome string
---@field part string

---@class coding_agent.Measured
---@field name string
---@field line integer from 0
---@field cognitive integer
---@field said string

local report ---@type string? what the last command told beyond its first line, and that

-- Only the first line is shown: more would hold up whoever types until they press Enter.
---@param text string
---@param level? integer
---@param first? string where another line says it
local function say(text, level, first)
  report = text
  first = first or text:match('^[^\n]*')
  if first ~= text then
    local more = ' (:CodingAgent report)'
    local room = math.max(vim.v.echospace - #'Coding Agent: ' - #more, 20)
    first = (vim.fn.strchars(first) > room and vim.fn.strcharpart(first, 0, room - 1) .. '…' or first) .. more
  end
  server.tell(first, level)
end

-- Show the whole of what the last command told.
function M.report()
  if not report then
    return server.tell('no command told anything yet')
  end
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(report, '\n'))
  vim.bo[buffer].bufhidden = 'wipe'
  vim.bo[buffer].modifiable = false
  vim.cmd(('botright %dsplit | buffer %d'):format(math.min(vim.api.nvim_buf_line_count(buffer), 12), buffer))
end

---@param title string
---@param items vim.quickfix.entry[]
local function list(title, items)
  vim.fn.setqflist({}, ' ', { title = title, items = items })
  vim.cmd(('botright copen %d'):format(math.min(#items, 10)))
end

---@param buffer integer
---@param gap coding_agent.Gap
---@return vim.quickfix.entry
local function gap_entry(buffer, gap)
  local line = vim.api.nvim_buf_get_lines(buffer, gap.line - 1, gap.line, false)[1] or ''
  local what = gap.part ~= '' and gap.outcome .. ': ' .. gap.part or gap.outcome
  return {
    bufnr = buffer,
    lnum = gap.line,
    col = gap.column > 0 and vim.fn.byteidxcomp(line, gap.column - 1) + 1 or 0,
    text = ('%s: %s'):format(gap['function'], what),
  }
end

---@class coding_agent.Place
---@field uri string
---@field path string
---@field range { start: { line: integer } }
---@field name string
---@field signature string
---@field docstring string
---@field score number
---@field lines { line: integer, text: string }[]

---@param row coding_agent.Row
---@param title string
---@param answer { found: coding_agent.Place[], reading?: boolean }
local function places(row, title, answer)
  local items = vim.tbl_map(function(place)
    local line = place.lines[1] and vim.trim(place.lines[1].text) or ''
    local more = place.docstring ~= '' and place.docstring or line ~= '' and line or place.signature
    local alike = row.command == 'codingAgent.similarCode' and ('%d%% alike, '):format(place.score * 100 + 0.5) or ''
    return {
      filename = vim.uri_to_fname(place.uri),
      lnum = place.range.start.line + 1,
      text = ('%s: %s%s'):format(place.name ~= '' and place.name or '(module)', alike, more),
    }
  end, answer.found)
  list(title, items)
  if answer.reading then
    say('the index is still being made; ask again for all answers')
  end
end

---@param remarks { uri: string, range: { start: { line: integer } }, severity: string, message: string }[]
---@param title string
local function remarked(title, remarks)
  list(title, vim.tbl_map(function(remark)
    return {
      filename = vim.uri_to_fname(remark.uri),
      lnum = remark.range.start.line + 1,
      type = remark.severity:sub(1, 1):upper(),
      text = remark.message,
    }
  end, remarks))
end

-- Documents that are still written, by the token of their work: their buffers, false where that was closed.
local written = {} ---@type table<string, integer|false>

-- Do something at once, or when whoever types in another mode is done with that.
---@param work fun()
local function undisturbed(work)
  if vim.fn.mode() == 'n' then
    return work()
  end
  vim.api.nvim_create_autocmd('ModeChanged', { pattern = '*:n', once = true, callback = vim.schedule_wrap(work) })
end

-- Put a text into a buffer that nobody writes in; what stays the same keeps its place.
---@param buffer integer
---@param markdown string
local function fill(buffer, markdown)
  local before, after = vim.api.nvim_buf_get_lines(buffer, 0, -1, false), vim.split(vim.trim(markdown), '\n')
  local same = 0
  while same < #before and before[same + 1] == after[same + 1] do
    same = same + 1
  end
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(buffer, same, -1, false, vim.list_slice(after, same + 1))
  vim.bo[buffer].modifiable = false
end

-- Show a document in a window of its own; `q` closes it.
---@param markdown string
---@return integer buffer
local function document(markdown)
  local buffer = vim.api.nvim_create_buf(false, true)
  fill(buffer, markdown)
  vim.bo[buffer].bufhidden = 'wipe'
  vim.bo[buffer].filetype = 'markdown'
  vim.keymap.set('n', 'q', '<Cmd>close<CR>', { buffer = buffer, nowait = true })
  vim.cmd(('vertical botright sbuffer %d'):format(buffer))
  return buffer
end

-- Show what there is of a document by now. Who closes its window stops the work.
---@param id integer of the client
---@param told { token: string, title: string, markdown: string }
function M.told(id, told)
  local buffer = written[told.token]
  if buffer then
    fill(buffer, told.markdown)
  elseif buffer == nil and vim.fn.mode() == 'n' then
    buffer = document(told.markdown)
    written[told.token] = buffer
    vim.api.nvim_create_autocmd('BufWipeout', {
      buffer = buffer,
      callback = function()
        local client = vim.lsp.get_client_by_id(id)
        if written[told.token] and client then
          written[told.token] = false
          server.notify(client, 'window/workDoneProgress/cancel', { token = told.token })
        end
      end,
    })
  end
end

-- Show the whole of a document, which may have been shown in part.
---@param page { title: string, markdown: string, spent?: string }
---@param token? string
local function explanation(page, token)
  local text = vim.trim(page.markdown) .. (page.spent and '\n\n' .. page.spent or '')
  local buffer = token and written[token]
  written[token or ''] = nil
  if buffer then
    fill(buffer, text)
  elseif buffer == nil then
    undisturbed(function()
      document(text)
    end)
  end
end

-- A command failed; nothing is said to whoever closed its window.
---@param row coding_agent.Row
---@param why string
---@param token? string
function M.failed(row, why, token)
  local buffer = token and written[token]
  written[token or ''] = nil
  if buffer then
    fill(buffer, table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n') .. '\n\n' .. why)
  end
  if buffer ~= false then
    server.tell(('%s: %s'):format(row.title, why), vim.log.levels.ERROR)
  end
end

-- Whether the message of a commit is still to be written; how many empty lines stand for it.
---@param buffer integer
---@return boolean, integer
local function awaits_message(buffer)
  if not vim.api.nvim_buf_is_valid(buffer) or vim.bo[buffer].filetype ~= 'gitcommit' or not vim.bo[buffer].modifiable then
    return false, 0
  end
  local lines = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  for index, line in ipairs(lines) do
    if vim.startswith(line, '#') then
      return true, index - 1
    elseif vim.trim(line) ~= '' then
      return false, 0
    end
  end
  return true, #lines
end

-- Put the message of a commit where one is awaited, else into a window of its own.
---@param text string
---@param buffer integer where somebody asked for it
local function message(text, buffer)
  local lines = vim.split(vim.trim(text), '\n')
  local awaits, empty = awaits_message(buffer)
  if not awaits then
    buffer, empty = vim.api.nvim_create_buf(false, true), 1
    vim.bo[buffer].bufhidden = 'wipe'
    vim.bo[buffer].filetype = 'gitcommit'
    vim.cmd(('botright %dsplit | buffer %d'):format(math.max(math.min(#lines + 1, 12), 4), buffer))
  else
    table.insert(lines, '')
  end
  vim.api.nvim_buf_set_lines(buffer, 0, empty, false, lines)
end

---@param row coding_agent.Row
---@param buffer integer
---@param found coding_agent.Measured[]
---@param line? integer where one function is meant, from 0
local function metrics(row, buffer, found, line)
  if #found == 0 then
    return say(row.title .. ': no function with a branch here')
  elseif line then
    return say(('%s: %s'):format(found[1].name, found[1].said))
  end
  table.sort(found, function(one, other)
    return one.cognitive > other.cognitive or (one.cognitive == other.cognitive and one.line < other.line)
  end)
  list(row.title, vim.tbl_map(function(each)
    return { bufnr = buffer, lnum = each.line + 1, text = ('%s: %s'):format(each.name, each.said) }
  end, found))
end

-- Show what a command answered.
---@param row coding_agent.Row
---@param arguments any[]
---@param answer any
---@param token? string of its progress
---@param from integer the buffer where somebody asked
function M.answer(row, arguments, answer, token, from)
  local buffer = row.takes ~= 'words' and type(arguments[1]) == 'string' and vim.uri_to_bufnr(arguments[1]) or 0
  if row.command == 'codingAgent.showMetrics' then
    return metrics(row, buffer, answer, arguments[2])
  end
  if answer.markdown then
    return explanation(answer, token)
  elseif answer.message then
    return undisturbed(function()
      message(answer.message, from)
      say(answer.spent)
    end)
  elseif answer.remarks and #answer.remarks > 0 then
    return undisturbed(function()
      remarked(row.title, answer.remarks)
      say(answer.spent)
    end)
  elseif answer.found and #answer.found > 0 then
    return places(row, ('%s: %s'):format(row.title, answer.name or arguments[1]), answer)
  end
  local said = answer.said or ''
  if row.command == 'codingAgent.testGaps' and #answer.gaps > 0 then
    local items = vim.tbl_map(function(gap)
      return gap_entry(buffer, gap)
    end, answer.gaps)
    report = said
    return list(('%s: %s'):format(row.title, said:match('^[^\n]*')), items)
  elseif answer.applied == false then
    -- Why tests were not taken comes last, why there are none first.
    return say(said, vim.log.levels.WARN, answer.uri and said:match('[^\n]*$') or nil)
  elseif row.command == 'codingAgent.scanWorkspace' and answer.findings > 0 then
    said = said .. ' :lua vim.diagnostic.setqflist() lists them.'
  end
  if said ~= '' then
    say(said)
  end
end

-- Show how far work is, on the line where commands are typed, until it ends or the server does.
---@param client vim.lsp.Client
---@param token string
---@return fun() ended shows it no more; may be called twice
function M.progress(client, token)
  local group = vim.api.nvim_create_augroup(token, {})
  local title, running = '', false
  ---@param text string
  ---@param percent? integer nothing where no end is in sight
  ---@param status 'running'|'success'|'failed'
  local function show(text, percent, status)
    running = status == 'running'
    if running and vim.fn.mode() ~= 'n' then
      return -- Somebody types a command or a text.
    end
    -- A line that is too long would wait for Enter.
    local fits = vim.fn.strcharpart(text, 0, math.max(vim.v.echospace - #title - #': 100% ', 0))
    if vim.fn.has('nvim-0.12') == 1 then
      local known = { title = title, status = status, percent = percent, source = server.NAME }
      local options = vim.tbl_extend('error', known, { id = 'lsp.' .. token, kind = 'progress' })
      vim.api.nvim_echo({ { fits } }, false, options)
    else
      vim.api.nvim_echo({ { running and ('%s: %s%s'):format(title, percent and ('%3d%% '):format(percent) or '', fits) or '' } }, false, {})
    end
  end
  local function ended()
    pcall(vim.api.nvim_del_augroup_by_id, group)
    if running then
      show('ended', nil, 'failed')
    end
  end
  vim.api.nvim_create_autocmd('LspProgress', {
    group = group,
    callback = function(event)
      local params = event.data.params
      if event.data.client_id == client.id and params.token == token then
        local value = params.value
        title = value.title or title
        local status = value.kind ~= 'end' and 'running' or value.message == 'failed' and 'failed' or 'success'
        show((status == 'running' and '' or 'done, ') .. (value.message or ''), value.percentage, status)
      end
    end,
  })
  vim.api.nvim_create_autocmd('LspDetach', {
    group = group,
    callback = function(event)
      if event.data.client_id == client.id and client.rpc.is_closing() then
        ended()
      end
    end,
  })
  return ended
end

return M
