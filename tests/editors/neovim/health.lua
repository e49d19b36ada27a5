-- The page of `:checkhealth`, opened from the file.
local person = require('person')

person.play(function()
  if vim.env.SERVERS ~= 'nobody' then
    for name in vim.gsplit('coding_agent ' .. (vim.env.SERVERS or ''), ' ', { trimempty = true }) do
      person.client(name)
    end
  end
  vim.cmd.checkhealth('coding_agent')
  return { page = person.text() }
end)
