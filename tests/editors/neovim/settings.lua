-- A finding as severe as the editor's settings want it, from the start and when they change.
local person = require('person')

local function severity(name)
  return person.eventually('a finding as severe as ' .. name, function()
    local found = person.of(vim.env.CODE)[1]
    return found and found.severity == vim.diagnostic.severity[name] and person.shown()
  end)
end

person.play(function()
  local saw = { before = severity('ERROR') }
  local client = person.settled('coding_agent')
  local changed = { codingAgent = { rules = { [vim.env.CODE] = { severity = 'hint' } } } }
  client:notify('workspace/didChangeConfiguration', { settings = changed })
  saw.after = severity('HINT')
  return saw
end)
