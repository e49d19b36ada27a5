-- The same buffer with ruff and basedpyright attached too: what does a person see once all have spoken?
local person = require('person')

person.play(function()
  local wanted = vim.json.decode(vim.env.WAIT_FOR)
  for name in pairs(wanted) do
    person.settled(name)
  end
  -- A server may take its findings back for a moment while it looks again, so they are waited for together.
  return person.eventually('findings of all: ' .. vim.env.WAIT_FOR, function()
    for _, code in pairs(wanted) do
      if #person.of(code) == 0 then
        return nil
      end
    end
    return person.shown()
  end)
end)
