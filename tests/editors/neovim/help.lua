-- Make the help page's tags and open the page at one.
local person = require('person')

person.play(function()
  vim.cmd.helptags(vim.env.PAGES)
  vim.opt.runtimepath:append(vim.fs.dirname(vim.env.PAGES))
  vim.cmd.help(vim.env.TAG)
  return { line = vim.api.nvim_get_current_line() }
end)
