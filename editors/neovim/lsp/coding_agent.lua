-- Coding Agent for Neovim 0.11+: put this folder on 'runtimepath', then `vim.lsp.enable('coding_agent')`.
-- Where Neovim does not watch files (on Linux without inotify-tools), the server hears of settings saved in it all the same.
local settings = { 'pyproject.toml', 'ruff.toml', '.ruff.toml', '.gitignore', '.coding-agent-baseline.json' }

---@type vim.lsp.Config
return {
  cmd = { 'coding-agent', 'serve' },
  filetypes = { 'python' },
  root_markers = { 'pyproject.toml', 'setup.py', 'setup.cfg', '.git' },
  on_init = function(client)
    vim.api.nvim_create_autocmd('BufWritePost', {
      group = vim.api.nvim_create_augroup('coding_agent_settings_' .. client.id, {}),
      pattern = settings,
      callback = function(written)
        local change = { uri = vim.uri_from_bufnr(written.buf), type = 2 }
        client:notify('workspace/didChangeWatchedFiles', { changes = { change } })
      end,
    })
  end,
  on_exit = vim.schedule_wrap(function(_, _, id)
    pcall(vim.api.nvim_del_augroup_by_name, 'coding_agent_settings_' .. id)
  end),
}
