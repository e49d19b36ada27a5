-- Hover over a name; then end the server as a person who quits does.
local person = require('person')

person.play(function()
  local client = person.settled('coding_agent')
  person.cursor_on(vim.env.AT)
  local saw = { window = person.hover() }
  if vim.env.ASKED then
    person.eventually('a question', function()
      return #Asked > 0
    end)
  end
  saw.asked = Asked
  client:stop()
  person.eventually('a clean stop', function()
    return client:is_stopped()
  end)
  saw.stopped = true
  return saw
end)
