-- Coding Agent for Neovim 0.11+: put this folder on 'runtimepath', then `vim.lsp.enable('coding_agent')`.
---@type vim.lsp.Config
return {
  cmd = { 'coding-agent', 'serve' },
  filetypes = { 'python' },
  root_markers = { 'pyproject.toml', 'setup.py', 'setup.cfg', '.git' },
}
