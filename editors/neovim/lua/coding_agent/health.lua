-- `:checkhealth coding_agent`: what stands between you and the findings, and what to do about it.
local server = require('coding_agent.server')

local M = {}

local NEIGHBOURS = { 'ruff', 'basedpyright', 'pyright', 'pylsp', 'ty', 'jedi_language_server' }
local INSTALL = 'install it from a checkout: uv tool install . (or pipx install .), then start Neovim anew'
local PATIENCE = 60000 -- milliseconds

---@param command string[]
---@return vim.SystemCompleted? done, string? why
local function run(command)
  local ok, done = pcall(function()
    return vim.system(command, { text = true, timeout = PATIENCE }):wait()
  end)
  if not ok then
    return nil, tostring(done)
  elseif done.stdout == '' then
    return nil, vim.trim(done.stderr ~= '' and done.stderr or 'it said nothing, code ' .. done.code)
  end
  return done
end

---@return boolean enough
local function neovim()
  vim.health.start('Neovim')
  local version = tostring(vim.version())
  if vim.fn.has('nvim-0.11') == 1 then
    vim.health.ok(version)
  elseif vim.fn.has('nvim-0.10') == 1 then
    vim.health.warn(version .. ' has no vim.lsp.enable()', { 'take a newer one', ':help coding_agent-0.10 has what this one needs' })
  else
    vim.health.error(version .. ' is too old', { 'take Neovim 0.11 or newer' })
    return false
  end
  return true
end

-- The program that Neovim starts as the server.
---@return string? program, string? version
local function program()
  vim.health.start('The program')
  local client = vim.lsp.get_clients({ name = server.NAME })[1]
  local config = client and client.config or (vim.lsp.config and vim.lsp.config[server.NAME]) or {}
  local command = config.cmd or { 'coding-agent' }
  if type(command) ~= 'table' then
    vim.health.info('`cmd` is a function of your own; nothing is known of the program')
    return
  end
  local path = vim.fn.exepath(command[1])
  if path == '' then
    vim.health.error(command[1] .. ' is no program on PATH', {
      INSTALL,
      "or name it: vim.lsp.config('coding_agent', { cmd = { '/path/to/coding-agent', 'serve' } })",
    })
    return
  end
  local done, why = run({ path, '--version' })
  local version = done and done.stdout:match('^coding%-agent (%S+)')
  if not version then
    vim.health.error(('%s does not answer as Coding Agent does: %s'):format(path, why or done.stdout), { INSTALL })
    return
  end
  vim.health.ok(('%s at %s'):format(version, path))
  return path, version
end

---@param client vim.lsp.Client
---@param version? string
local function one(client, version)
  local runs = vim.tbl_get(client, 'server_info', 'version')
  local said = ('%s serves %s'):format(runs or 'a server', client.root_dir or 'files without a project')
  if runs and version and runs ~= version then
    vim.health.warn(('%s; the program is %s'):format(said, version), { ':CodingAgent restart' })
  else
    vim.health.ok(said)
  end
  for buffer in pairs(client.attached_buffers) do
    vim.health.info(('buffer %d: %s'):format(buffer, vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buffer), ':~:.')))
  end
end

---@param version? string of the program
local function attached(version)
  vim.health.start('The server')
  local clients = vim.lsp.get_clients({ name = server.NAME })
  for _, client in ipairs(clients) do
    one(client, version)
  end
  -- The page itself is the current buffer by now.
  local before = vim.fn.bufnr('#')
  local shown = before > 0 and vim.bo[before].filetype == 'python'
  local client, why = server.of(shown and before or 0)
  if shown and not client then
    local advice = { "vim.lsp.enable('coding_agent') in your init.lua", ':CodingAgent restart', ':edit in that buffer' }
    vim.health.error(('not attached to %s: %s'):format(vim.api.nvim_buf_get_name(before), why), advice)
  elseif #clients == 0 then
    vim.health.info('no server runs; it starts with the first Python file')
  end
end

local function watching()
  vim.health.start('Watching files')
  local able = vim.tbl_get(
    vim.lsp.protocol.make_client_capabilities(),
    'workspace',
    'didChangeWatchedFiles',
    'dynamicRegistration'
  )
  if not able then
    vim.health.info('Neovim watches none here: what other programs write counts at the next save in Neovim')
  elseif vim.fn.has('linux') == 1 and vim.fn.executable('inotifywait') == 0 then
    vim.health.info('without inotify-tools: what other programs write may be seen late')
  else
    vim.health.ok('what other programs write is seen')
  end
end

---@class coding_agent.Check
---@field name string
---@field ok boolean
---@field found string
---@field remedy string

---@param path string
local function doctor(path)
  vim.health.start('coding-agent doctor')
  local client = vim.lsp.get_clients({ name = server.NAME })[1]
  local done, why = run({ path, 'doctor', '--format', 'json', client and client.root_dir or vim.fn.getcwd() })
  local ok, checks = pcall(vim.json.decode, done and done.stdout or '')
  if not ok then
    vim.health.error('it has no answer: ' .. (why or tostring(checks)))
    return
  end
  for _, check in ipairs(checks) do ---@cast check coding_agent.Check
    local said = ('%s: %s'):format(check.name, check.found)
    if not check.ok then
      vim.health.warn(said, { check.remedy })
    elseif check.remedy ~= '' then
      vim.health.info(('%s (%s)'):format(said, check.remedy))
    else
      vim.health.ok(said)
    end
  end
end

local function neighbours()
  vim.health.start('Beside other servers')
  local found = false
  for _, client in ipairs(vim.lsp.get_clients()) do
    if vim.list_contains(NEIGHBOURS, client.name) then
      found = true
      vim.health.ok(client.name .. ' runs; what it reports by default or by your settings, ours does not report again')
    end
  end
  if not found then
    vim.health.info('no other server for Python runs; ours is silent where ruff speaks, see :help coding_agent-neighbours')
  end
end

function M.check()
  if not neovim() then
    return
  end
  local path, version = program()
  attached(version)
  watching()
  neighbours()
  if path then
    doctor(path)
  end
end

return M
