-- Turn a rule off for the project, save all files, and see the finding go.
local person = require('person')

person.play(function()
  local code = vim.env.CODE
  person.client('coding_agent')
  person.eventually('a finding ' .. code, function()
    return #person.of(code) > 0
  end)
  person.settled('coding_agent')
  local saw = { before = person.shown() }

  local found = person.of(code)[1]
  vim.api.nvim_win_set_cursor(0, { found.lnum + 1, found.col })
  person.take('quickfix', vim.env.TITLE)
  vim.cmd.wall()
  person.eventually('no finding ' .. code, function()
    return #person.of(code) == 0
  end)
  person.settled('coding_agent')
  saw.after = person.shown()
  saw.asked = Asked
  return saw
end)
