-- `:CodingAgent`; what it does is loaded when it is first used.
if vim.g.loaded_coding_agent then
  return
end
vim.g.loaded_coding_agent = 1

vim.api.nvim_create_user_command('CodingAgent', function(given)
  require('coding_agent.commands').run(given)
end, {
  nargs = '*',
  range = true,
  desc = 'Run a command of Coding Agent',
  complete = function(lead, line, position)
    return require('coding_agent.commands').complete(lead, line:sub(1, position))
  end,
})
