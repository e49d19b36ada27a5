-- The same buffer with ruff and basedpyright attached too: what does a person see?
local person = require('person')

person.play(function()
  for name, code in pairs(vim.json.decode(vim.env.WAIT_FOR)) do
    person.client(name)
    person.eventually(('%s shows %s'):format(name, code), function()
      return #person.of(code) > 0
    end)
  end
  person.settled('coding_agent')
  return person.shown()
end)
