-- The running server: how to talk to it, to find it, to start it again.
local M = {}

M.NAME = 'coding_agent'
local MOST, WITHIN = 4, 180 -- starts, seconds: after a server that was lost
local PATIENCE = 3000 -- milliseconds until a server that does not end is made to

local restarting = {} ---@type table<integer, true> ids of clients that are to come back
local lost = {} ---@type integer[] when servers were lost, in seconds
local given_up = {} ---@type { config: vim.lsp.ClientConfig, buffers: integer[], holder?: integer }[]

-- Neovim 0.10 has functions where later ones have methods.
---@param client vim.lsp.Client
---@param method string
local function call(client, method, ...)
  if vim.fn.has('nvim-0.11') == 1 then
    return client[method](client, ...)
  end
  return client[method](...)
end

---@param text string
---@param level? integer of `vim.log.levels`
function M.tell(text, level)
  local said = vim.startswith(text, 'Coding Agent') and text or 'Coding Agent: ' .. text
  vim.notify(said, level or vim.log.levels.INFO)
end

---@param client vim.lsp.Client
---@param method string
---@param params table
function M.notify(client, method, params)
  call(client, 'notify', method, params)
end

---@param client vim.lsp.Client
---@param method string
---@param params table
---@param done fun(err?: lsp.ResponseError, result: any)
---@param buffer? integer
---@return boolean sent
function M.request(client, method, params, done, buffer)
  return (call(client, 'request', method, params, done, buffer))
end

-- The server of a buffer, or what keeps it from having one.
---@param buffer integer
---@return vim.lsp.Client?, string? why
function M.of(buffer)
  local client = vim.lsp.get_clients({ bufnr = buffer, name = M.NAME })[1]
  if client then
    return client
  end
  local config = vim.lsp.config and vim.lsp.config[M.NAME] or {}
  local program = type(config.cmd) == 'table' and config.cmd[1] or 'coding-agent'
  if vim.bo[buffer].filetype ~= 'python' then
    return nil, 'it is no Python file'
  elseif vim.fn.executable(program) == 0 then
    return nil, ('%s is no program on PATH'):format(program)
  elseif vim.lsp.is_enabled and not vim.lsp.is_enabled(M.NAME) then
    return nil, "vim.lsp.enable('coding_agent') was not called"
  end
  return nil, 'its server does not run, or only starts'
end

---@param config vim.lsp.ClientConfig
---@param buffers integer[]
---@return integer? id
local function start(config, buffers)
  local id
  for _, buffer in ipairs(buffers) do
    if vim.api.nvim_buf_is_loaded(buffer) then
      id = vim.lsp.start(config, {
        bufnr = buffer,
        -- All of them share the new one, and none takes the old one, which may not be gone yet.
        reuse_client = function(client)
          return client.id == id
        end,
      }) or id
    end
  end
  return id
end

-- A server that is never ready holds the place of one that was given up: Neovim (seen in 0.10, 0.11 and 0.12) listens
-- no more, ever, to a buffer that changes while it has no server, and the next one would not hear of what is typed.
---@param buffers integer[]
---@return integer? id
local function hold(buffers)
  local gone = false
  return start({
    name = M.NAME .. '_held',
    cmd = function(dispatchers)
      return {
        request = function()
          return true, 1
        end,
        notify = function()
          return true
        end,
        is_closing = function()
          return gone
        end,
        terminate = function()
          gone = true
          dispatchers.on_exit(0, 15)
        end,
      }
    end,
  }, buffers)
end

-- A client's process is gone: it comes back where it was lost or is restarted, with the texts as they are now.
---@param client vim.lsp.Client
---@param buffers integer[] those it was attached to
---@param code integer
---@param signal integer
function M.ended(client, buffers, code, signal)
  local wanted = restarting[client.id]
  restarting[client.id] = nil
  -- Whoever asks a server to end gets 0 or, where it did not listen, SIGTERM.
  if vim.v.exiting ~= vim.NIL or not (wanted or code ~= 0 or (signal ~= 0 and signal ~= 15)) then
    return
  end
  if not wanted then
    local now = os.time()
    lost = vim.tbl_filter(function(when)
      return now - when < WITHIN
    end, lost)
    table.insert(lost, now)
    if #lost > MOST then
      table.insert(given_up, { config = client.config, buffers = buffers, holder = hold(buffers) })
      local log = vim.lsp.log.get_filename and vim.lsp.log.get_filename() or vim.lsp.get_log_path()
      local said = 'the server ended %d times in %d minutes and is left alone. :CodingAgent restart starts it; log: %s'
      return M.tell(said:format(#lost, WITHIN / 60, log), vim.log.levels.ERROR)
    end
  end
  start(client.config, buffers)
end

-- Start every server of ours anew, and those that were given up.
function M.restart()
  local clients, left = vim.lsp.get_clients({ name = M.NAME }), given_up
  lost, given_up = {}, {}
  for _, client in ipairs(clients) do
    restarting[client.id] = true
    call(client, 'stop')
    vim.defer_fn(function()
      if restarting[client.id] then
        client.rpc.terminate()
      end
    end, PATIENCE)
  end
  for _, each in ipairs(left) do
    start(each.config, each.buffers)
    local holder = each.holder and vim.lsp.get_client_by_id(each.holder)
    if holder then
      holder.rpc.terminate()
    end
  end
  if #clients + #left == 0 and vim.lsp.enable then
    vim.lsp.enable(M.NAME)
  end
  M.tell('the server starts anew')
end

return M
