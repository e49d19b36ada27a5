-- Coding Agent for Neovim 0.11+: put this folder on 'runtimepath', then `vim.lsp.enable('coding_agent')`.
-- Where Neovim watches no files (on Linux without inotify-tools), the server hears of settings saved in it all the same.
local settings = { 'pyproject.toml', 'ruff.toml', '.ruff.toml', '.gitignore', '.coding-agent-baseline.json' }

-- Lenses and code actions name our commands; Neovim asks here before it asks the server.
local commands = {} ---@type table<string, fun(command: lsp.Command, context: { client_id: integer, bufnr?: integer })>
for _, row in ipairs(require('coding_agent.table')) do
  if row.command then
    commands[row.command] = function(command, context)
      require('coding_agent.commands').asked(row, command, context)
    end
  end
end

local capabilities = { experimental = { codingAgent = { 'commands', 'results', 'review', 'told' } } }
if vim.fn.has('nvim-0.11') == 0 then -- Later ones add their own.
  capabilities = vim.tbl_deep_extend('force', vim.lsp.protocol.make_client_capabilities(), capabilities)
end

---@type vim.lsp.Config
return {
  cmd = { 'coding-agent', 'serve' },
  filetypes = { 'python' },
  root_markers = { 'pyproject.toml', 'setup.py', 'setup.cfg', '.git' },
  capabilities = capabilities,
  commands = commands,
  handlers = {
    ['codingAgent/review'] = function(_, asked)
      return require('coding_agent.review').ask(asked)
    end,
    ['codingAgent/told'] = function(_, told, context)
      require('coding_agent.show').told(context.client_id, told)
    end,
  },
  on_init = function(client)
    vim.api.nvim_create_autocmd('BufWritePost', {
      group = vim.api.nvim_create_augroup('coding_agent_settings_' .. client.id, {}),
      pattern = settings,
      callback = function(written)
        local change = { uri = vim.uri_from_bufnr(written.buf), type = 2 }
        require('coding_agent.server').notify(client, 'workspace/didChangeWatchedFiles', { changes = { change } })
      end,
    })
  end,
  on_exit = function(code, signal, id)
    -- Called outside of the editor's loop, and before the buffers of this client are forgotten.
    local client = vim.lsp.get_client_by_id(id)
    local buffers = client and vim.tbl_keys(client.attached_buffers) or {}
    vim.schedule(function()
      pcall(vim.api.nvim_del_augroup_by_name, 'coding_agent_settings_' .. id)
      if client then
        require('coding_agent.server').ended(client, buffers, code, signal)
      end
    end)
  end,
}
