-- Take a refactoring at a place, save, undo.
local person = require('person')

person.play(function()
  person.settled('coding_agent')
  local range = vim.env.OVER and person.select(vim.env.OVER)
  if vim.env.AT then
    person.cursor_on(vim.env.AT)
  end
  local offered = person.take('refactor', vim.env.TITLE, range)
  vim.cmd.write()
  local saw = { offered = offered, text = person.text(), saved = person.on_disk() }
  vim.cmd('silent undo')
  saw.undone = person.text()
  return saw
end)
