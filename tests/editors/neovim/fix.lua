-- See a finding, take its fix, save, undo.
local person = require('person')

person.play(function()
  local code, title = vim.env.CODE, vim.env.TITLE
  person.client('coding_agent')
  person.eventually('a finding ' .. code, function()
    return #person.of(code) > 0
  end)
  person.settled('coding_agent')
  local saw = { before = person.shown() }

  local found = person.of(code)[1]
  vim.api.nvim_win_set_cursor(0, { found.lnum + 1, found.col })
  person.take('quickfix', title)
  vim.cmd.write()
  person.eventually('no finding ' .. code, function()
    return #person.of(code) == 0
  end)
  saw.fixed, saw.saved = person.text(), person.on_disk()
  person.settled('coding_agent')
  saw.after = person.shown()

  vim.cmd('silent undo')
  saw.undone = person.text()
  person.eventually('the finding again', function()
    return #person.of(code) > 0
  end)
  person.settled('coding_agent')
  saw.again = person.shown()
  saw.asked = Asked
  return saw
end)
