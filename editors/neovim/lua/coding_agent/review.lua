-- What was generated before it is taken: what a file would become, beside what it is, in a tab of their own.
local server = require('coding_agent.server')

local M = {}

---@class coding_agent.Asked
---@field uri string
---@field before? string|vim.NIL nothing where the file is new
---@field after string
---@field line integer from 0: where the first of the tests comes
---@field label string

---@param text string
---@return integer buffer
local function side(text)
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(text:gsub('\r\n?', '\n'):gsub('\n$', ''), '\n'))
  vim.bo[buffer].bufhidden = 'wipe'
  vim.bo[buffer].modifiable = false
  -- Colours only: as a file of its type it would be one for servers and formatters.
  vim.bo[buffer].syntax = 'python'
  return buffer
end

---@param title string
local function entitle(title)
  vim.wo.winbar = title:gsub('%%', '%%%%')
end

-- Open the tab and call `decided` once: with true when the tests are accepted, with false when they are not.
---@param asked coding_agent.Asked
---@param decided fun(accepted: boolean)
local function open(asked, decided)
  local old = asked.before ~= vim.NIL and asked.before or nil
  local name = vim.fn.fnamemodify(vim.uri_to_fname(asked.uri), ':~:.')
  local from = vim.api.nvim_get_current_tabpage()
  local after = side(asked.after)
  local buffers = { after }
  vim.cmd(('tab sbuffer %d'):format(after))
  entitle((old and asked.label or ('%s (new), %s'):format(name, asked.label)) .. ': a accepts, d discards')
  if old then
    local before = side(old)
    table.insert(buffers, before)
    vim.cmd.diffthis()
    vim.cmd(('leftabove vertical sbuffer %d'):format(before))
    entitle(name)
    vim.cmd.diffthis()
    vim.cmd.wincmd('p')
  end
  pcall(vim.api.nvim_win_set_cursor, 0, { asked.line + 1, 0 })
  vim.cmd('normal! zv')

  local done = false
  ---@param accepted boolean
  local function decide(accepted)
    if done then
      return
    end
    done = true
    -- Windows cannot be closed while another one is.
    vim.schedule(function()
      for _, buffer in ipairs(buffers) do
        if vim.api.nvim_buf_is_valid(buffer) then
          vim.api.nvim_buf_delete(buffer, { force = true })
        end
      end
      if vim.api.nvim_tabpage_is_valid(from) then
        vim.api.nvim_set_current_tabpage(from)
      end
      decided(accepted)
    end)
  end
  for _, buffer in ipairs(buffers) do
    for key, accepted in pairs({ a = true, d = false, q = false }) do
      vim.keymap.set('n', key, function()
        decide(accepted)
      end, { buffer = buffer, nowait = true, desc = (accepted and 'Accept' or 'Discard') .. ' what is shown' })
    end
    vim.api.nvim_create_autocmd('BufWipeout', {
      buffer = buffer,
      callback = function()
        decide(false)
      end,
    })
  end
end

-- Answer the server's question. Whoever types in another mode is not disturbed: the tab opens when that is over.
---@param asked coding_agent.Asked
---@return { accepted: boolean }
function M.ask(asked)
  local asking = coroutine.running()
  local function decided(accepted)
    coroutine.resume(asking, { accepted = accepted })
  end
  local function begin()
    local ok, why = pcall(open, asked, decided)
    if not ok then
      server.tell('it cannot be shown: ' .. tostring(why), vim.log.levels.ERROR)
      decided(false)
    end
  end
  if vim.fn.mode() == 'n' then
    vim.schedule(begin)
  else
    server.tell('it is ready, and shown after <Esc>') -- A longer line would wait for Enter.
    vim.api.nvim_create_autocmd('ModeChanged', { pattern = '*:n', once = true, callback = vim.schedule_wrap(begin) })
  end
  return coroutine.yield()
end

return M
