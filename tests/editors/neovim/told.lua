-- What is told without being asked for.
local person = require('person')

person.play(function()
  local told = person.listen()
  person.settled('coding_agent')
  return { told = person.told(told, vim.env.TOLD) }
end)
