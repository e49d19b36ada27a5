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

-- Show an explanation in a window of its own; `q` closes it.
---@param page { title: string, markdown: string }
local function explanation(page)
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(vim.trim(page.markdown), '\n'))
  vim.bo[buffer].bufhidden = 'wipe'
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].filetype = 'markdown'
  vim.keymap.set('n', 'q', '<Cmd>close<CR>', { buffer = buffer, nowait = true })
  vim.cmd(('vertical botright sbuffer %d'):format(buffer))
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
function M.answer(row, arguments, answer)
  local buffer = row.takes ~= 'words' and type(arguments[1]) == 'string' and vim.uri_to_bufnr(arguments[1]) or 0
  if row.command == 'codingAgent.showMetrics' then
    return metrics(row, buffer, answer, arguments[2])
  end
  if row.command == 'codingAgent.explain' then
    return explanation(answer)
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
  say(said)
end

-- Show how far work is, on the line where commands are typed, until it ends or the server does.
---@param client vim.lsp.Client
---@param token string
---@return fun() ended shows it no more; may be called twice
function M.progress(client, token)
  local group = vim.api.nvim_create_augroup(token, {})
  local title, running = '', false
  ---@param message string
  ---@param percent? integer
  ---@param status 'running'|'success'|'failed'
  local function show(message, percent, status)
    running = status == 'running'
    if running and vim.fn.mode() ~= 'n' then
      return -- Somebody types a command or a text.
    end
    -- A line that is too long would wait for Enter.
    local fits = vim.fn.strcharpart(message, 0, math.max(vim.v.echospace - #title - #': 100% ', 0))
    if vim.fn.has('nvim-0.12') == 1 then
      local known = { title = title, status = status, percent = percent, source = server.NAME }
      local options = vim.tbl_extend('error', known, { id = 'lsp.' .. token, kind = 'progress' })
      vim.api.nvim_echo({ { fits } }, false, options)
    else
      vim.api.nvim_echo({ { running and ('%s: %3d%% %s'):format(title, percent or 0, fits) or '' } }, false, {})
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
