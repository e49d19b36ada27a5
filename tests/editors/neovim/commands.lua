-- Commands that run no code: completion, the list of them, lists of results, messages.
local person = require('person')

person.play(function()
  local told, saw = person.listen(), {}
  vim.cmd.new()
  vim.cmd('CodingAgent metrics')
  saw.elsewhere = person.told(told, 'not attached')
  vim.cmd.close()
  person.settled('coding_agent')
  saw.complete = vim.fn.getcompletion('CodingAgent ', 'cmdline')
  saw.filtered = vim.fn.getcompletion('CodingAgent st', 'cmdline')
  saw.behind = vim.fn.getcompletion('CodingAgent status ', 'cmdline')

  person.type('ggO# typed and not saved<Esc>')
  vim.cmd('CodingAgent metrics')
  saw.metrics = person.eventually('a quickfix list', function()
    local list = vim.fn.getqflist({ title = 1, items = 1, winid = 1 })
    return list.winid ~= 0 and list
  end)
  vim.cmd.cfirst()
  saw.jumped = vim.api.nvim_get_current_line()
  vim.cmd.cclose()

  person.choose('Show the server')
  vim.cmd('CodingAgent')
  saw.status = person.told(told, 'folders trusted')
  saw.asked = Asked
  vim.cmd('CodingAgent scan')
  saw.scanned = person.told(told, 'looked at')
  vim.cmd('CodingAgent stop')
  saw.nothing = person.told(told, 'nothing runs')
  vim.cmd('CodingAgent nonsense')
  saw.unknown = person.told(told, 'there is no')
  saw.told = told
  return saw
end)
