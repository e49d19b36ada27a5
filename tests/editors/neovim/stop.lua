-- Stop a generation once it tells that tests are looked for.
local person = require('person')

person.play(function()
  local told, saw = person.listen(), {}
  person.settled('coding_agent')
  local stopped = false
  vim.api.nvim_create_autocmd('LspProgress', {
    callback = function(event)
      local value = event.data.params.value
      if value.kind == 'end' then
        saw.ended = value.message
      elseif not stopped and (value.message or ''):find('looking for inputs') then
        stopped = true
        vim.schedule(function()
          vim.cmd('CodingAgent stop')
        end)
      end
    end,
  })
  vim.cmd('CodingAgent cover')
  person.eventually('the end of the work', function()
    return saw.ended
  end)
  saw.told = person.told(told, 'stopping')
  return saw
end)
