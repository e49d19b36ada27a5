-- Every file of ours compiles; a start loads nothing but the table, and none leaves a global behind.
local person = require('person')

person.play(function()
  local saw = { loaded = {}, files = {}, globals = {} }
  for name in pairs(package.loaded) do
    if vim.startswith(name, 'coding_agent') then
      table.insert(saw.loaded, name)
    end
  end
  local known = vim.tbl_keys(_G)
  for _, pattern in ipairs({ 'lsp/coding_agent.lua', 'plugin/coding_agent.lua', 'lua/coding_agent/*.lua' }) do
    for _, file in ipairs(vim.api.nvim_get_runtime_file(pattern, true)) do
      assert(loadfile(file))()
      table.insert(saw.files, vim.fs.basename(file))
    end
  end
  saw.globals = vim.tbl_filter(function(name)
    return not vim.list_contains(known, name)
  end, vim.tbl_keys(_G))
  return saw
end)
