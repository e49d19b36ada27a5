-- Started as `nvim --clean -u init.lua`: set up as the page of $SETUP says, with the other servers of $SERVERS enabled.
local here = vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2))
package.path = vim.fs.joinpath(here, '?.lua') .. ';' .. package.path
vim.o.swapfile = false
vim.diagnostic.config({ virtual_text = true, underline = true })

-- The neighbours as a user would have them; the settings are nvim-lspconfig's in substance.
vim.lsp.config('ruff', { cmd = { 'ruff', 'server' }, filetypes = { 'python' }, root_markers = { 'pyproject.toml' } })
vim.lsp.config('basedpyright', {
  cmd = { 'basedpyright-langserver', '--stdio' },
  filetypes = { 'python' },
  root_markers = { 'pyproject.toml' },
})

if vim.env.SETTINGS then
  vim.lsp.config('coding_agent', { settings = { codingAgent = vim.json.decode(vim.env.SETTINGS) } })
end

-- Nobody is there to answer a question; it is kept, and refused.
Asked = {}
vim.ui.select = function(items, options, on_choice)
  table.insert(Asked, options.prompt or '')
  on_choice(nil, nil)
end

-- A server that is gone answers no wait; `person.eventually` says so at once.
Gone = nil
vim.lsp.config('*', {
  on_exit = function(code, signal, id)
    if code ~= 0 or signal ~= 0 then
      Gone = ('%s ended with code %d, signal %d'):format((vim.lsp.get_client_by_id(id) or {}).name, code, signal)
    end
  end,
})

assert(load((vim.env.BEFORE or '') .. vim.env.SETUP))()
for name in vim.gsplit(vim.env.SERVERS or '', ' ', { trimempty = true }) do
  vim.lsp.enable(name)
end
